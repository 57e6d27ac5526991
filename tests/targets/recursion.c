// SPDX-License-Identifier: Apache-2.0
//
// Allocates DEPTH calls deep and right on top of main in turn, ROUNDS times.
//
// usage: recursion DEPTH ROUNDS
#include "support.h"

static NOINLINE void* descend(struct tally* tally, unsigned depth) {
  void* block = depth == 0 ? take(tally, 100) : descend(tally, depth - 1);
  return keep(block);
}

int main(int argc, char** argv) {
  REQUIRE(argc == 3);
  const unsigned depth = (unsigned)atoi(argv[1]);
  struct tally tally = {0, 0, 0};
  for (int i = 0; i < atoi(argv[2]); ++i) {
    void* deep = descend(&tally, depth);
    drop(&tally, take(&tally, 200));
    drop(&tally, deep);
  }
  claim(&tally);
  return 0;
}
