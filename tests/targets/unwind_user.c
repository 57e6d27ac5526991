// SPDX-License-Identifier: Apache-2.0
//
// A program that is linked with libunwind itself: its own library must answer,
// with its own state, while the recorder unwinds with another copy.
#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>
#include <string.h>

#include "support.h"

static NOINLINE int count_frames(int depth) {
  if (depth > 0) {
    const int count = count_frames(depth - 1);
    keep(NULL);
    return count;
  }
  unw_context_t context;
  unw_cursor_t cursor;
  REQUIRE(unw_getcontext(&context) == 0);
  REQUIRE(unw_init_local(&cursor, &context) == 0);
  int count = 0;
  do {
    free(keep(malloc(100)));  // the recorder unwinds in between
    ++count;
  } while (unw_step(&cursor) > 0);
  return count;
}

int main(void) {
  say("frames: %d more\n", count_frames(20) - count_frames(0));
  Dl_info info;
  void* symbol = dlsym(RTLD_DEFAULT, "unw_getcontext");
  if (symbol == NULL) symbol = dlsym(RTLD_DEFAULT, "_Ux86_64_getcontext");
  REQUIRE(symbol != NULL && dladdr(symbol, &info) != 0);
  say("%s\n", strrchr(info.dli_fname, '/') + 1);
  return 0;
}
