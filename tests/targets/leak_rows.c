// SPDX-License-Identifier: Apache-2.0
//
// One call site that is called 40 000 times and leaks 20 blocks: the leak is
// 20 blocks, not 40 000 calls.
#include "support.h"

enum { kCalls = 40000, kLeakEvery = 2000, kBytes = 1024 };

static NOINLINE void* make_row(struct tally* tally) {
  void* row = keep(malloc(kBytes));
  ++tally->allocations;
  tally->bytes += kBytes;
  return row;
}

int main(void) {
  struct tally tally = {0, 0, 0};
  for (int i = 0; i < kCalls; ++i) {
    void* row = make_row(&tally);
    if (i % kLeakEvery != 0) drop(&tally, row);
  }
  claim(&tally);
  return 0;
}
