// SPDX-License-Identifier: Apache-2.0
//
// A timer signal whose handler, on an alternate stack, allocates at any moment,
// also inside of the recorder.  Linked with bump_allocator, which allows that.
// Ends when the handler has run often enough.
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "support.h"

enum { kSignals = 2000 };

static volatile sig_atomic_t g_signals;
static struct tally g_handled;

static void handle(int signal_number) {
  (void)signal_number;
  void* block = take(&g_handled, 48);
  block = resize(&g_handled, block, 96);
  drop(&g_handled, block);
  ++g_signals;
}

static void start_timer(void) {
  static char stack[64 * 1024];
  const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  REQUIRE(sigaltstack(&alternate, NULL) == 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  REQUIRE(sigaction(SIGALRM, &action, NULL) == 0);
  const struct itimerval interval = {{0, 100}, {0, 100}};
  REQUIRE(setitimer(ITIMER_REAL, &interval, NULL) == 0);
}

static NOINLINE void allocate_at(struct tally* tally, unsigned depth) {
  if (depth > 0) {
    allocate_at(tally, depth - 1);
  } else {
    drop(tally, take(tally, 32));
  }
  keep(tally);
}

int main(void) {
  struct tally tally = {0, 0, 0};
  start_timer();
  // The arena is not endless: at most two million rounds of 48 bytes.
  for (unsigned i = 0; g_signals < kSignals && i < 2000000; ++i) {
    allocate_at(&tally, i % 30);
  }
  const struct itimerval off = {{0, 0}, {0, 0}};
  REQUIRE(setitimer(ITIMER_REAL, &off, NULL) == 0);
  tally.allocations += g_handled.allocations;
  tally.releases += g_handled.releases;
  tally.bytes += g_handled.bytes;
  claim(&tally);
  return 0;
}
