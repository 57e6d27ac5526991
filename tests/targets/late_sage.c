// SPDX-License-Identifier: Apache-2.0
//
// A library as SAGE is built for Python: loaded when a script asks for it.
#include <stdint.h>
#include <stdlib.h>

#include "support.h"

__attribute__((noinline)) int64_t load_forest(int64_t number, void** halos) {
  *halos = keep(malloc((size_t)(number + 1) * 100));
  return number + 1;
}

__attribute__((noinline)) int construct_galaxies(void* halos) {
  return halos != NULL;
}

__attribute__((noinline)) int sage_per_forest(int64_t number) {
  void* halos = NULL;
  const int64_t count = load_forest(number, &halos);
  const int result = construct_galaxies(halos);
  free(halos);
  return result + (int)count;
}
