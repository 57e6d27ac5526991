/* SPDX-License-Identifier: Apache-2.0 */
#include "mymalloc.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_BLOCKS = 2048, ALIGNMENT = 8 };
static const uint64_t kHighMarkStep = 10 * 1024 * 1024;

struct block {
  void* start;
  size_t size;
  int64_t forest;
};

/* Kept in order of allocation, but for holes: see myfree. */
static struct block table[MAX_BLOCKS];
static int blocks;
static int64_t current_forest = -1;
static uint64_t printed_high_mark;
static struct memory_account account;

static _Noreturn void die(const char* why, size_t size) {
  fprintf(stderr, "minisage: %s: %zu bytes, %d blocks live\n", why, size,
          blocks);
  exit(EXIT_FAILURE);
}

static size_t round_up(size_t size) {
  if (size > SIZE_MAX - ALIGNMENT) die("impossible size", size);
  return size == 0 ? ALIGNMENT : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void book(size_t size) {
  account.allocations++;
  account.bytes_allocated += size;
  account.live_bytes += size;
  if (account.live_bytes > account.high_mark_bytes)
    account.high_mark_bytes = account.live_bytes;
  if (account.high_mark_bytes > printed_high_mark + kHighMarkStep) {
    printed_high_mark = account.high_mark_bytes;
    fprintf(stderr, "new high mark = %g MB\n",
            (double)printed_high_mark / (1024.0 * 1024.0));
  }
}

static void unbook(size_t size) {
  account.frees++;
  account.live_bytes -= size;
}

static void* enter(void* start, size_t size) {
  if (start == NULL) die("out of memory", size);
  table[blocks++] = (struct block){start, size, current_forest};
  book(size);
  return start;
}

/* The block is most likely one of the youngest. */
static struct block* find(const void* start) {
  for (int i = blocks - 1; i >= 0; i--)
    if (table[i].start == start) return &table[i];
  die("not a block of mymalloc", 0);
}

void* mymalloc(size_t size) {
  size = round_up(size);
  if (blocks == MAX_BLOCKS) die("block table full", size);
  return enter(malloc(size), size);
}

void* mycalloc(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) die("impossible size", size);
  const size_t total = round_up(count * size);
  if (blocks == MAX_BLOCKS) die("block table full", total);
  return enter(calloc(1, total), total);
}

void* myrealloc(void* start, size_t size) {
  if (start == NULL) return mymalloc(size);
  size = round_up(size);
  struct block* block = find(start);
  void* moved = realloc(start, size);
  if (moved == NULL) die("out of memory", size);
  unbook(block->size);
  account.reallocations++;
  book(size);
  block->start = moved;
  block->size = size;
  return moved;
}

void myfree(void* start) {
  if (start == NULL) return;
  struct block* block = find(start);
  unbook(block->size);
  free(start);
  *block = table[--blocks]; /* the last one fills the hole */
}

void mymalloc_set_forest(int64_t forest) {
  current_forest = forest;
}

struct memory_account mymalloc_account(void) {
  return account;
}

static int by_forest(const struct block* a, const struct block* b) {
  if (a->forest != b->forest) return a->forest < b->forest ? -1 : 1;
  return (a->size > b->size) - (a->size < b->size);
}

void mymalloc_visit_live(block_visitor* visit, void* context) {
  /* Sorted by insertion: qsort of the C library may allocate. */
  for (int i = 1; i < blocks; i++) {
    const struct block block = table[i];
    int hole = i;
    for (; hole > 0 && by_forest(&table[hole - 1], &block) > 0; hole--)
      table[hole] = table[hole - 1];
    table[hole] = block;
  }
  for (int i = 0; i < blocks; i++)
    visit(table[i].forest, table[i].size, context);
}
