// SPDX-License-Identifier: Apache-2.0
//
// Address space taken and given back with mmap, munmap, mremap and sbrk, in
// known amounts of pages; what is left at the end is said in bytes.
#include <sys/mman.h>

#include "support.h"

enum { kPage = 4096 };

static NOINLINE void* map_pages(size_t pages) {
  void* start = mmap(NULL, pages * kPage, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(start != MAP_FAILED);
  return keep(start);
}

int main(void) {
  // Whole, in three parts with the middle first, and never.
  void* whole = map_pages(100);
  REQUIRE(munmap(whole, 100 * kPage) == 0);
  char* parts = map_pages(30);
  REQUIRE(munmap(parts + 10 * kPage, 10 * kPage) == 0);
  REQUIRE(munmap(parts, 10 * kPage) == 0);
  REQUIRE(munmap(parts + 20 * kPage, 10 * kPage) == 0);
  map_pages(7);
  // Grown, where it may move, and shrunk.
  void* grown = map_pages(10);
  grown = mremap(grown, 10 * kPage, 500 * kPage, MREMAP_MAYMOVE);
  REQUIRE(grown != MAP_FAILED);
  grown = mremap(grown, 500 * kPage, 20 * kPage, MREMAP_MAYMOVE);
  REQUIRE(grown != MAP_FAILED);
  // The break up by 16 pages and down by 4.
  REQUIRE(sbrk(16 * kPage) != (void*)-1);
  REQUIRE(sbrk(-4 * kPage) != (void*)-1);
  say("live_bytes=%d\n", (7 + 20 + 12) * kPage);
  return 0;
}
