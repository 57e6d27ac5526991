// SPDX-License-Identifier: Apache-2.0
//
// What the target programs share: output that allocates nothing, blocks that
// the compiler cannot optimise away, and a tally of what the program did, in
// the form that the integration tests read back ("allocations=3 ...").
//
// Included from C and C++.  Hazard: printf() allocates a buffer and would
// spoil the totals that a target claims; use say().
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

// Formats into a small buffer and writes it with one call.
__attribute__((format(printf, 1, 2), unused)) static void say(
    const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  const size_t bytes = length < 0 ? 0 : length;
  if (write(STDOUT_FILENO, line, bytes) < 0) _exit(99);
}

// Makes the compiler believe that the block is used.
__attribute__((unused)) static void* keep(void* block) {
  __asm__ volatile("" : "+r"(block) : : "memory");
  return block;
}

// Ends the program when something that the test rests on is not so.
#define REQUIRE(condition)                                        \
  do {                                                            \
    if (!(condition)) {                                           \
      say("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      _exit(98);                                                  \
    }                                                             \
  } while (0)

// Counted as valgrind counts: realloc of a block is a release and an
// allocation of the whole new size.
struct tally {
  unsigned long allocations;
  unsigned long releases;
  unsigned long bytes;
};

__attribute__((unused)) static void* take(struct tally* tally, size_t bytes) {
  void* block = keep(malloc(bytes));
  REQUIRE(block != NULL);
  ++tally->allocations;
  tally->bytes += bytes;
  return block;
}

__attribute__((unused)) static void* resize(struct tally* tally, void* block,
                                            size_t bytes) {
  if (block != NULL) ++tally->releases;
  block = keep(realloc(block, bytes));
  if (bytes == 0) return block;
  REQUIRE(block != NULL);
  ++tally->allocations;
  tally->bytes += bytes;
  return block;
}

__attribute__((unused)) static void drop(struct tally* tally, void* block) {
  if (block != NULL) ++tally->releases;
  free(block);
}

__attribute__((unused)) static void claim(const struct tally* tally) {
  say("allocations=%lu releases=%lu bytes=%lu\n", tally->allocations,
      tally->releases, tally->bytes);
}

// A small generator, the same on every machine (Numerical Recipes' LCG).
__attribute__((unused)) static unsigned next_random(unsigned* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}
