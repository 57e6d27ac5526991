// SPDX-License-Identifier: Apache-2.0
//
// Two coroutines on stacks of their own, switched with swapcontext from inside
// of their calls: three stacks in one thread, each allocation on another one
// than the one before.
#include <ucontext.h>

#include "support.h"

enum { kRounds = 300, kStackBytes = 128 * 1024 };

static ucontext_t g_main;
static ucontext_t g_coroutines[2];

static NOINLINE void yield(int number) {
  REQUIRE(swapcontext(&g_coroutines[number], &g_main) == 0);
}

static NOINLINE void produce(int depth) {
  if (depth > 0) {
    produce(depth - 1);
  } else {
    free(keep(malloc(300)));
    yield(0);
  }
  keep(NULL);
}

static NOINLINE void consume(int depth) {
  if (depth > 0) {
    consume(depth - 1);
  } else {
    free(keep(malloc(400)));
    yield(1);
  }
  keep(NULL);
}

static void run_producer(void) {
  for (int i = 0;; ++i) produce(i % 7);
}

static void run_consumer(void) {
  for (int i = 0;; ++i) consume(i % 5);
}

static void start(int number, void (*function)(void)) {
  static char stacks[2][kStackBytes];
  REQUIRE(getcontext(&g_coroutines[number]) == 0);
  g_coroutines[number].uc_stack.ss_sp = stacks[number];
  g_coroutines[number].uc_stack.ss_size = kStackBytes;
  g_coroutines[number].uc_link = NULL;
  makecontext(&g_coroutines[number], function, 0);
}

static NOINLINE void schedule(int round) {
  free(keep(malloc(500)));
  REQUIRE(swapcontext(&g_main, &g_coroutines[round % 2]) == 0);
}

int main(void) {
  start(0, run_producer);
  start(1, run_consumer);
  for (int i = 0; i < 2 * kRounds; ++i) schedule(i);
  say("produce=%d consume=%d schedule=%d\n", kRounds, kRounds, 2 * kRounds);
  return 0;
}
