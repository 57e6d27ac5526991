// SPDX-License-Identifier: Apache-2.0
//
// Functions that have no room for a jump of five bytes at their entry, or into
// whose first five something branches; and an empty one that is called with all
// registers and flags set, which must be as they were afterwards.
#include <cstdio>
#include <cstdlib>

#include "support.h"

extern "C" {
int short_gap(int number);        // padding before it, none behind
int short_next(int number);       // right behind
int short_loop(int number);       // loops to its third byte
int short_cold(int number);       // another part of it does
int short_beside(int number);     // its neighbour does, with eight bits
void short_packed();              // one byte, no padding anywhere
void short_empty();               // one byte, with padding
unsigned long check_registers();  // calls short_empty(); 0: all is well
}

__asm__(
    ".pushsection .text\n"
    ".macro begin name\n"
    ".globl \\name\n"
    ".type \\name, @function\n"
    "\\name: .cfi_startproc\n"
    ".endm\n"
    ".macro end name\n"
    ".cfi_endproc\n"
    ".size \\name, . - \\name\n"
    ".endm\n"

    ".p2align 4\n"
    "begin before_gap\n"
    "ret\n"
    "end before_gap\n"
    ".p2align 4\n"
    "begin short_gap\n"
    "movl %edi, %eax\n"
    "ret\n"
    "end short_gap\n"
    "begin short_next\n"
    "leal 2(%rdi), %eax\n"
    "ret\n"
    "end short_next\n"

    ".p2align 4\n"
    "begin short_loop\n"
    "xorl %eax, %eax\n"
    "1: incl %eax\n"
    "cmpl %edi, %eax\n"
    "jl 1b\n"
    "ret\n"
    "end short_loop\n"

    ".p2align 5\n"
    "begin short_cold\n"
    "xorl %eax, %eax\n"
    "1: incl %eax\n"
    "cmpl %edi, %eax\n"
    ".byte 0x0f, 0x8c\n"
    ".long short_cold.cold - . - 4\n"
    "ret\n"
    "end short_cold\n"

    ".p2align 5\n"
    "begin short_beside\n"
    "xorl %eax, %eax\n"
    "1: incl %eax\n"
    "cmpl %edi, %eax\n"
    ".byte 0x0f, 0x8c\n"
    ".long beside - . - 4\n"
    "ret\n"
    "end short_beside\n"
    ".p2align 5\n"
    "begin beside\n"
    "jmp 1b\n"
    "end beside\n"

    "begin short_packed\n"
    "ret\n"
    "end short_packed\n"
    "begin behind_packed\n"
    "jmp short_packed\n"
    ".skip 140, 0x90\n"
    "end behind_packed\n"

    ".p2align 4\n"
    "begin short_empty\n"
    "ret\n"
    "end short_empty\n"
    ".p2align 4\n"

    "begin check_registers\n"
    "pushq %rbx\n"
    "pushq %rbp\n"
    "movq $1, %rax\n"
    "movq $2, %rbx\n"
    "movq $3, %rcx\n"
    "movq $4, %rdx\n"
    "movq $5, %rsi\n"
    "movq $6, %rdi\n"
    "movq $7, %r8\n"
    "movq $8, %r9\n"
    "movq $9, %r10\n"
    "movq $10, %r11\n"
    "movq $11, %rbp\n"
    "movq %rdi, %xmm0\n"
    "movq %rsi, %xmm15\n"
    "pushq $0x8d5\n"  // carry, parity, adjust, zero, sign, overflow
    "popfq\n"
    "call short_empty\n"
    "pushfq\n"
    "subq $1, %rax\n"
    "subq $2, %rbx\n"
    "subq $3, %rcx\n"
    "subq $4, %rdx\n"
    "subq $5, %rsi\n"
    "subq $6, %rdi\n"
    "subq $7, %r8\n"
    "subq $8, %r9\n"
    "subq $9, %r10\n"
    "subq $10, %r11\n"
    "subq $11, %rbp\n"
    "orq %rbx, %rax\n"
    "orq %rcx, %rax\n"
    "orq %rdx, %rax\n"
    "orq %rsi, %rax\n"
    "orq %rdi, %rax\n"
    "orq %r8, %rax\n"
    "orq %r9, %rax\n"
    "orq %r10, %rax\n"
    "orq %r11, %rax\n"
    "orq %rbp, %rax\n"
    "movq %xmm0, %rcx\n"
    "subq $6, %rcx\n"
    "orq %rcx, %rax\n"
    "movq %xmm15, %rcx\n"
    "subq $5, %rcx\n"
    "orq %rcx, %rax\n"
    "popq %rcx\n"
    "andl $0x8d5, %ecx\n"
    "subl $0x8d5, %ecx\n"
    "orq %rcx, %rax\n"
    "popq %rbp\n"
    "popq %rbx\n"
    "ret\n"
    "end check_registers\n"

    ".pushsection .text.unlikely, \"ax\", @progbits\n"
    ".type short_cold.cold, @function\n"
    "short_cold.cold: jmp short_cold + 2\n"
    ".size short_cold.cold, . - short_cold.cold\n"
    ".popsection\n"
    ".popsection\n");

int main() {
  for (int i = 1; i <= 100; ++i) {
    std::free(keep(std::malloc(24)));
    REQUIRE(short_gap(i) == i);
    REQUIRE(short_next(i) == i + 2);
    REQUIRE(short_loop(i) == i);
    REQUIRE(short_cold(i) == i);
    REQUIRE(short_beside(i) == i);
    short_packed();
    REQUIRE(check_registers() == 0);
  }
  std::printf("short_gap=100\n");
  return 0;
}
