// SPDX-License-Identifier: Apache-2.0
//
// What other people's programs load: it forgets blocks of its own, and blocks
// that it has the program allocate, whose innermost frames are the program's.
//
//   bash   enable -f forgetful_plugin.so forget; forget
//   perl   DynaLoader::dl_load_file("forgetful_plugin.so")
#include <string.h>

#include "support.h"

// Those that bash and perl have for what they load.
__attribute__((weak)) void* xmalloc(size_t size);
__attribute__((weak)) void* Perl_safesysmalloc(size_t size);

// Cleared, so that none leads to another by what the memory was before; and so
// many that no register and no part of a stack has them all.
static inline __attribute__((always_inline)) void forget_many(
    void* (*allocate)(size_t), size_t bytes) {
  for (int i = 0; i < 50; ++i) {
    void* const block = allocate(bytes);
    if (block != NULL) memset(keep(block), 0, bytes);
  }
}

NOINLINE static void forget_own(void) {
  forget_many(malloc, 5000);
}

NOINLINE static void forget_by_program(void) {
  void* (*const allocate)(size_t) =
      xmalloc != NULL ? xmalloc : Perl_safesysmalloc;
  if (allocate != NULL) forget_many(allocate, 6000);
}

static int forget(void* words) {
  (void)words;
  forget_own();
  forget_by_program();
  return 0;
}

// Perl calls functions of libraries by an interface of its own; loading one is
// enough.
__attribute__((constructor)) static void load(void) {
  if (Perl_safesysmalloc != NULL) forget(NULL);
}

// As bash has it in its builtins.h.
struct builtin {
  const char* name;
  int (*function)(void* words);
  int flags;
  const char* const* long_doc;
  const char* short_doc;
  const char* handle;
};

static const char* const kLongDoc[] = {NULL};
__attribute__((visibility("default"))) struct builtin forget_struct = {
    "forget", forget, 1, kLongDoc, "forget", NULL};
