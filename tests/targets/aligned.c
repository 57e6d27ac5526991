// SPDX-License-Identifier: Apache-2.0
//
// The aligned family, from 16 bytes to 64 KiB.
#include <malloc.h>
#include <stdint.h>

#include "support.h"

static void* count(struct tally* tally, void* block, size_t alignment,
                   size_t bytes) {
  REQUIRE(block != NULL);
  REQUIRE((uintptr_t)block % alignment == 0);
  ++tally->allocations;
  tally->bytes += bytes;
  return block;
}

int main(void) {
  struct tally tally = {0, 0, 0};
  for (size_t alignment = 16; alignment <= 65536; alignment *= 2) {
    void* posix = NULL;
    REQUIRE(posix_memalign(&posix, alignment, alignment + 5) == 0);
    count(&tally, keep(posix), alignment, alignment + 5);
    void* c11 = keep(aligned_alloc(alignment, alignment * 3));
    count(&tally, c11, alignment, alignment * 3);
    void* sunos = keep(memalign(alignment, 40));
    count(&tally, sunos, alignment, 40);
    drop(&tally, posix);
    drop(&tally, sunos);
    drop(&tally, resize(&tally, c11, 77));
  }
  void* page = count(&tally, keep(valloc(4096)), 4096, 4096);
  drop(&tally, page);
  claim(&tally);
  return 0;
}
