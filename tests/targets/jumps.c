// SPDX-License-Identifier: Apache-2.0
//
// longjmp over frames that allocated: the stacks after the jump must be those
// of the place jumped to.  Each function allocates sizes of its own.
#include <setjmp.h>

#include "support.h"

enum { kRounds = 500 };

static jmp_buf g_back;
static volatile int g_never = -1;  // for the compiler: there is a way out

static NOINLINE void leap(int depth) {
  if (depth == g_never) return;
  free(keep(malloc(64)));
  if (depth > 0) {
    leap(depth - 1);
  } else {
    longjmp(g_back, 1);
  }
  keep(NULL);
}

static NOINLINE void landed(void) {
  free(keep(malloc(128)));
  keep(NULL);
}

static NOINLINE void jump_once(int depth) {
  if (setjmp(g_back) == 0) {
    leap(depth);
  } else {
    landed();
  }
  keep(NULL);
}

int main(void) {
  for (int i = 0; i < kRounds; ++i) jump_once(i % 10);
  say("landed=%d leap=%d\n", kRounds, kRounds / 10 * 55);
  return 0;
}
