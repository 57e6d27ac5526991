// SPDX-License-Identifier: Apache-2.0
//
// Allocations as early as a program can make them: .preinit_array runs before
// every constructor, then comes that of a library, then the program's own, then
// main.
#include "support.h"

void* early_library_block(void);

static void* g_preinit;
static void* g_constructed;

static void before_everything(void) {
  g_preinit = keep(malloc(2222));
}

__attribute__((section(".preinit_array"),
               used)) static void (*const kPreinit)(void) = before_everything;

__attribute__((constructor(101))) static void construct(void) {
  g_constructed = keep(realloc(keep(calloc(1, 10)), 3333));
}

int main(void) {
  REQUIRE(early_library_block() != NULL && g_preinit && g_constructed);
  struct tally tally = {4, 1, 1111 + 2222 + 10 + 3333};
  drop(&tally, g_preinit);
  drop(&tally, g_constructed);
  ++tally.releases;  // the library's destructor is still to come
  claim(&tally);
  return 0;
}
