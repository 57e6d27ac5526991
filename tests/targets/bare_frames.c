// SPDX-License-Identifier: Apache-2.0
//
// Functions in assembly without unwind information, one with a frame pointer
// and one without, between main and a function that allocates: a stack that
// nobody can walk exactly.  Counting must stay right, and nothing may crash.
#include "support.h"

void call_with_frame(void (*function)(void));
void call_without_frame(void (*function)(void));

__asm__(
    ".text\n"
    ".type call_with_frame, @function\n"
    "call_with_frame:\n"
    "  push %rbp\n"
    "  mov %rsp, %rbp\n"
    "  sub $64, %rsp\n"
    "  call *%rdi\n"
    "  leave\n"
    "  ret\n"
    ".size call_with_frame, . - call_with_frame\n"
    ".type call_without_frame, @function\n"
    "call_without_frame:\n"
    "  sub $136, %rsp\n"
    "  movq $1, (%rsp)\n"  // where a frame pointer would be looked for
    "  call *%rdi\n"
    "  add $136, %rsp\n"
    "  ret\n"
    ".size call_without_frame, . - call_without_frame\n");

static void allocate_below(void) {
  for (int i = 0; i < 10; ++i) free(keep(malloc(100)));
}

static NOINLINE void through_both(void) {
  call_with_frame(allocate_below);
  call_without_frame(allocate_below);
  keep(NULL);
}

int main(void) {
  for (int i = 0; i < 100; ++i) through_both();
  say("allocate_below=2000\n");
  return 0;
}
