// SPDX-License-Identifier: Apache-2.0
//
// A library whose constructor allocates: it runs before the constructors of
// the libraries that were preloaded.
#include "support.h"

void* early_library_block(void);

static void* g_block;

__attribute__((constructor)) static void construct(void) {
  g_block = keep(malloc(1111));
}

__attribute__((destructor)) static void destroy(void) {
  free(g_block);
}

void* early_library_block(void) {
  return g_block;
}
