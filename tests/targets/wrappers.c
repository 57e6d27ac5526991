// SPDX-License-Identifier: Apache-2.0
//
// Two sites behind the wrappers that scientific codes have: the site is the
// function that calls mymalloc, whatever mymalloc does inside.
#include "support.h"

void* mymalloc(size_t bytes);
void* pool_take(size_t bytes);

NOINLINE void* mymalloc(size_t bytes) {
  void* block = keep(malloc((bytes + 7) / 8 * 8));
  return block;
}

// A wrapper that no list knows: for --wrapper.
NOINLINE void* pool_take(size_t bytes) {
  void* block = keep(mymalloc(bytes));
  return block;
}

static NOINLINE void load_rows(void) {
  for (int i = 0; i < 30; ++i) keep(mymalloc(4000));
}

static NOINLINE void load_columns(void) {
  for (int i = 0; i < 10; ++i) keep(mymalloc(800));
}

static NOINLINE void load_pool(void) {
  for (int i = 0; i < 5; ++i) keep(pool_take(160));
}

int main(void) {
  load_rows();
  load_columns();
  load_pool();
  return 0;
}
