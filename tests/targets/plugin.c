// SPDX-License-Identifier: Apache-2.0
//
// A loadable module, built twice: the "rows" plug-in with small stack frames,
// the "columns" plug-in with large ones.  Loaded in turn they usually get the
// same address, with other code and other unwind rules behind it.
#include "plugin.h"

#include <string.h>

#include "support.h"

#ifdef PLUGIN_COLUMNS
enum { kPadding = 3000 };
#define plugin_allocate plugin_allocate_columns
#else
enum { kPadding = 40 };
#define plugin_allocate plugin_allocate_rows
#endif

static void* g_at_load;

__attribute__((constructor)) static void on_load(void) {
  g_at_load = keep(malloc(33));
}

__attribute__((destructor)) static void on_unload(void) {
  free(g_at_load);
}

NOINLINE void* plugin_allocate(size_t bytes) {
  char padding[kPadding];
  memset(keep(padding), 1, sizeof padding);
  void* block = keep(malloc(bytes));
  keep(padding);
  return block;
}

void* plugin_entry(size_t bytes) {
  char padding[kPadding / 2];
  keep(padding);
  void* block = plugin_allocate(bytes);
  keep(padding);
  return block;
}
