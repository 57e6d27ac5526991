/* SPDX-License-Identifier: Apache-2.0
 *
 * The allocator wrappers that everything in minisage calls, as codes of this
 * family do: a fixed table of the live blocks, a high-water mark on stderr, and
 * an end of the program when memory or the table is used up.
 *
 * The wrappers also keep exact books (struct memory_account), so that a
 * profiler's numbers can be checked to the block.
 */
#ifndef MINISAGE_MYMALLOC_H
#define MINISAGE_MYMALLOC_H

#include <stddef.h>
#include <stdint.h>

void* mymalloc(size_t size);
void* mycalloc(size_t count, size_t size);
void* myrealloc(void* block, size_t size);
void myfree(void* block);

/* Blocks are booked to the forest that the program works on; -1 is none. */
void mymalloc_set_forest(int64_t forest);

/* What the wrappers asked of malloc, calloc, realloc and free so far.  A
 * realloc is one allocation of the new size and one free. */
struct memory_account {
  uint64_t allocations;
  uint64_t reallocations; /* counted in allocations and frees as well */
  uint64_t frees;
  uint64_t bytes_allocated;
  uint64_t live_bytes;
  uint64_t high_mark_bytes;
};
struct memory_account mymalloc_account(void);

/* Calls `visit` for every live block, oldest forest first. */
typedef void block_visitor(int64_t forest, size_t size, void* context);
void mymalloc_visit_live(block_visitor* visit, void* context);

#endif
