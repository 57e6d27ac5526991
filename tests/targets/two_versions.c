// SPDX-License-Identifier: Apache-2.0
//
// Two versions of one program, built with VERSION=1 and 2.  What an author does
// in between: lines move down, a file gets another name, a call is added, one
// is removed, one allocates more, one forgets to free.  #line says where each
// line stands.
#include <stdint.h>

#include "sagemem.h"
#include "support.h"

enum { kRounds = 100 };

#if VERSION == 1
#line 40 "load.c"
static NOINLINE void load(void** halos, void** index, void** names) {
  *halos = keep(malloc(100000));
  *names = keep(malloc(3000));
  *index = keep(malloc(20000));
}
#else
#line 55 "load.c"
static NOINLINE void load(void** halos, void** index, void** names) {
  *halos = keep(malloc(100000));
  *index = keep(malloc(60000));
  *names = NULL;
}

static NOINLINE void load_more(void) {
  free(keep(malloc(5000)));
}
#endif

#if VERSION == 1
#line 10 "util.c"
#else
#line 10 "array.c"
#endif
static NOINLINE void* grow(void* block, size_t size) {
  return keep(realloc(block, size));
}

#line 100 "main.c"
static NOINLINE void forget(int number) {
  void* block = keep(malloc(700));
  if (VERSION == 1 || number % 10 != 3) free(block);
}

static NOINLINE void forest(int number) {
  sagemem_scope_begin("forest", number);
  void* array = keep(malloc(1000));
  array = grow(array, 2000);
  if (VERSION == 2 && number == 7) array = grow(array, 500000);
  forget(number);
  free(array);
  sagemem_scope_end();
}

int main(void) {
  void* halos = NULL;
  void* index = NULL;
  void* names = NULL;
  load(&halos, &index, &names);
#if VERSION == 2
  load_more();
#endif
  for (int i = 0; i < kRounds; ++i) forest(i);
  free(halos);
  free(index);
  free(names);
  return 0;
}
