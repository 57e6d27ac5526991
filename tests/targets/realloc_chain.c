// SPDX-License-Identifier: Apache-2.0
//
// Blocks that grow and shrink by realloc, from realloc(NULL, n) to
// realloc(p, 0), which in glibc is free(p).
#include "support.h"

int main(void) {
  struct tally tally = {0, 0, 0};
  for (size_t chain = 1; chain <= 20; ++chain) {
    void* block = NULL;
    for (size_t step = 1; step <= 30; ++step) {
      block = resize(&tally, block, chain * step * 16);
    }
    for (size_t step = 30; step >= 1; --step) {
      block = resize(&tally, block, chain * step);
    }
    block = resize(&tally, block, 0);
    REQUIRE(block == NULL);
  }
  void* kept = resize(&tally, NULL, 100);
  kept = resize(&tally, kept, 200000);  // from the heap into a mapping
  kept = resize(&tally, kept, 400000);  // mremap
  drop(&tally, kept);
  claim(&tally);
  return 0;
}
