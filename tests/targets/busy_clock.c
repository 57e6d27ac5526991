// SPDX-License-Identifier: Apache-2.0
//
// Allocates without a pause for 50 ms, then sleeps as long, then allocates once
// more: the event times must show both.  Says the longest pause that it met
// between two allocations.
#include <time.h>

#include "support.h"

static long long now_ns(void) {
  struct timespec time;
  REQUIRE(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void) {
  const long long start = now_ns();
  long long longest = 0;
  long long last = start;
  while (now_ns() - start < 50000000) {
    free(keep(malloc(100)));
    const long long now = now_ns();
    if (now - last > longest) longest = now - last;
    last = now;
  }
  const struct timespec pause = {0, 50000000};
  nanosleep(&pause, NULL);
  free(keep(malloc(200)));
  say("longest_ns=%lld\n", longest);
  return 0;
}
