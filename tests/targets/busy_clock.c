// SPDX-License-Identifier: Apache-2.0
//
// Allocates without a pause for 20 ms, says the longest gap that it met, and
// then allocates 300 bytes some thirty times with pauses of 2 ms, saying
// between which two moments of CLOCK_MONOTONIC each was.
#include <time.h>

#include "support.h"

enum { kSlowBlocks = 30 };

static long long now_ns(void) {
  struct timespec time;
  REQUIRE(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void allocate_busily(void) {
  const long long start = now_ns();
  long long longest = 0;
  long long last = start;
  while (last - start < 20000000) {
    free(keep(malloc(100)));
    const long long now = now_ns();
    if (now - last > longest) longest = now - last;
    last = now;
  }
  say("longest_ns=%lld\n", longest);
}

static void allocate_slowly(void) {
  for (int i = 0; i < kSlowBlocks; ++i) {
    const struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
    const long long before = now_ns();
    void* block = keep(malloc(300));
    const long long after = now_ns();
    free(block);
    say("slow %lld %lld\n", before, after);
  }
}

int main(void) {
  allocate_busily();
  allocate_slowly();
  return 0;
}
