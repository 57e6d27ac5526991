// SPDX-License-Identifier: Apache-2.0
//
// Reallocs that fail: the old block lives on.  One of them is freed later, the
// other one never.
#include <stdint.h>

#include "support.h"

static size_t volatile g_too_much = PTRDIFF_MAX - 4096;

int main(void) {
  struct tally tally = {0, 0, 0};
  void* freed = take(&tally, 1000);
  void* leaked = take(&tally, 3000);
  REQUIRE(keep(realloc(keep(freed), g_too_much)) == NULL);
  REQUIRE(keep(realloc(keep(leaked), g_too_much)) == NULL);
  REQUIRE(keep(reallocarray(keep(leaked), g_too_much, 16)) == NULL);
  REQUIRE(keep(malloc(g_too_much)) == NULL);
  drop(&tally, freed);
  claim(&tally);
  return 0;
}
