// SPDX-License-Identifier: Apache-2.0
//
// Ends while four threads go on allocating: what is torn down in one thread
// must not be pulled away from under the others.  Exit handlers and
// at_quick_exit handlers allocate as well.
//
// usage: busy_exit return|exit|_exit|quick_exit|abort
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "support.h"

enum { kThreads = 4, kWarmUp = 20000 };

static atomic_int g_warm;

static void* work(void* unused) {
  unsigned state = (unsigned)(size_t)unused;
  for (long i = 0;; ++i) {
    free(keep(malloc(next_random(&state) % 2000)));
    if (i == kWarmUp) ++g_warm;
  }
  return NULL;
}

static void allocate_at_the_end(void) {
  for (int i = 0; i < 1000; ++i) free(keep(malloc(50)));
}

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  REQUIRE(atexit(allocate_at_the_end) == 0);
  REQUIRE(at_quick_exit(allocate_at_the_end) == 0);
  for (size_t i = 0; i < kThreads; ++i) {
    pthread_t thread;
    REQUIRE(!pthread_create(&thread, NULL, work, (void*)i));
  }
  while (g_warm < kThreads) allocate_at_the_end();
  say("ending\n");
  if (strcmp(argv[1], "exit") == 0) exit(3);
  if (strcmp(argv[1], "_exit") == 0) _exit(4);
  if (strcmp(argv[1], "quick_exit") == 0) quick_exit(8);
  if (strcmp(argv[1], "abort") == 0) abort();
  return 2;
}
