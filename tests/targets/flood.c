// SPDX-License-Identifier: Apache-2.0
//
// Makes a trace of any length: ROUNDS allocations from changing stacks, each
// freed some time later, in THREADS threads one after the other.  Says what it
// did on stdout and one line on stderr.
//
// usage: flood ROUNDS [THREADS]
#include <pthread.h>

#include "support.h"

enum { kLive = 64 };

static long g_rounds = 1000;

static NOINLINE void* allocate_at(struct tally* tally, unsigned depth,
                                  size_t bytes) {
  void* block =
      depth == 0 ? take(tally, bytes) : allocate_at(tally, depth - 1, bytes);
  return keep(block);
}

static void* work(void* argument) {
  struct tally* tally = argument;
  unsigned state = 3;
  void* live[kLive] = {NULL};
  for (long i = 0; i < g_rounds; ++i) {
    const size_t slot = (size_t)i % kLive;
    drop(tally, live[slot]);
    const size_t bytes = next_random(&state) % 5000;
    live[slot] = allocate_at(tally, next_random(&state) % 12, bytes);
  }
  for (size_t i = 0; i < kLive; ++i) drop(tally, live[i]);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc > 1) g_rounds = atol(argv[1]);
  const int threads = argc > 2 ? atoi(argv[2]) : 0;
  struct tally tally = {0, 0, 0};
  if (threads == 0) work(&tally);
  for (int i = 0; i < threads; ++i) {
    pthread_t thread;
    REQUIRE(!pthread_create(&thread, NULL, work, &tally));
    pthread_join(thread, NULL);
  }
  claim(&tally);
  static const char kDone[] = "flood: done\n";
  // The result is of no use: the test may have closed stderr.
  if (write(STDERR_FILENO, kDone, sizeof kDone - 1) < 0) return 7;
  return 7;
}
