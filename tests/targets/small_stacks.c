// SPDX-License-Identifier: Apache-2.0
//
// Threads with the smallest stack that POSIX threads allow, 16 KiB, of which
// the thread-local storage of all libraries is cut off as well.
#include <limits.h>
#include <pthread.h>

#include "support.h"

enum { kThreads = 20, kRounds = 200, kStackBytes = 16384 };

static void* work(void* argument) {
  struct tally* tally = argument;
  for (size_t i = 0; i < kRounds; ++i) {
    void* block = take(tally, i);
    block = resize(tally, block, 2 * i + 1);
    drop(tally, block);
  }
  return NULL;
}

int main(void) {
  struct tally tally = {0, 0, 0};
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, kStackBytes) == 0);
  for (int i = 0; i < kThreads; ++i) {
    pthread_t thread;
    REQUIRE(!pthread_create(&thread, &attributes, work, &tally));
    pthread_join(thread, NULL);
  }
  claim(&tally);
  return 0;
}
