// SPDX-License-Identifier: Apache-2.0
//
// Plain C: a thousand blocks of known sizes, malloc(0) among them, all but
// seven freed.
#include "support.h"

enum { kBlocks = 1000, kLeaked = 7 };

int main(void) {
  struct tally tally = {0, 0, 0};
  void* blocks[kBlocks];
  for (size_t i = 0; i < kBlocks; ++i) {
    blocks[i] = take(&tally, i % 257 * 3);
  }
  for (size_t i = kLeaked; i < kBlocks; ++i) drop(&tally, blocks[i]);
  free(NULL);
  claim(&tally);
  return 0;
}
