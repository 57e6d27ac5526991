// SPDX-License-Identifier: Apache-2.0
//
// A thousand coroutines one after the other, each on a stack that is mapped for
// it and unmapped when it ends: whoever remembers a stack must not look at it
// again.
#include <sys/mman.h>
#include <ucontext.h>

#include "support.h"

enum { kRounds = 1000, kStackBytes = 64 * 1024 };

static ucontext_t g_main;

static NOINLINE void descend(int depth) {
  if (depth > 0) {
    descend(depth - 1);
  } else {
    free(keep(malloc(100)));
  }
  keep(NULL);
}

static void run(void) {
  descend(12);
}

static NOINLINE void allocate_on_main(void) {
  free(keep(malloc(200)));
  keep(NULL);
}

static NOINLINE void run_once(int round) {
  // Leaves no two neighbours at the same address for long.
  const size_t bytes = kStackBytes * (size_t)(1 + round % 3);
  void* stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(stack != MAP_FAILED);
  ucontext_t coroutine;
  REQUIRE(getcontext(&coroutine) == 0);
  coroutine.uc_stack.ss_sp = stack;
  coroutine.uc_stack.ss_size = bytes;
  coroutine.uc_link = &g_main;
  makecontext(&coroutine, run, 0);
  REQUIRE(swapcontext(&g_main, &coroutine) == 0);
  REQUIRE(munmap(stack, bytes) == 0);
  allocate_on_main();
}

int main(void) {
  for (int i = 0; i < kRounds; ++i) run_once(i);
  say("descend=%d allocate_on_main=%d\n", kRounds, kRounds);
  return 0;
}
