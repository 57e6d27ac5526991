// SPDX-License-Identifier: Apache-2.0
//
// calloc and reallocarray, with products that overflow: those fail and count
// as nothing.
#include <stdint.h>

#include "support.h"

static size_t volatile g_huge = SIZE_MAX / 2;

int main(void) {
  struct tally tally = {0, 0, 0};
  for (size_t i = 1; i <= 100; ++i) {
    unsigned char* block = keep(calloc(i, 24));
    REQUIRE(block != NULL && block[i * 24 - 1] == 0);
    ++tally.allocations;
    tally.bytes += i * 24;
    void* larger = keep(reallocarray(block, i, 48));
    REQUIRE(larger != NULL);
    ++tally.releases;
    ++tally.allocations;
    tally.bytes += i * 48;
    drop(&tally, larger);
  }
  REQUIRE(keep(calloc(g_huge, 3)) == NULL);
  REQUIRE(keep(reallocarray(NULL, g_huge, 3)) == NULL);
  claim(&tally);
  return 0;
}
