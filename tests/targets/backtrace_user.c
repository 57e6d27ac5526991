// SPDX-License-Identifier: Apache-2.0
//
// A program that calls backtrace() and looks for an unwinder by name: it must
// find the C library's, and no other one that something brought along.
#include <dlfcn.h>
#include <execinfo.h>
#include <string.h>

#include "support.h"

static void tell_owner(const char* name) {
  Dl_info info;
  void* symbol = dlsym(RTLD_DEFAULT, name);
  const char* file = "nobody";
  if (symbol != NULL && dladdr(symbol, &info) != 0) {
    const char* slash = strrchr(info.dli_fname, '/');
    file = slash != NULL ? slash + 1 : info.dli_fname;
  }
  say("%s: %s\n", name, file);
}

static NOINLINE int count_frames(int depth) {
  void* frames[100];
  if (depth == 0) return backtrace(frames, 100);
  const int count = count_frames(depth - 1);
  keep(frames);
  return count;
}

int main(void) {
  free(keep(malloc(10)));
  say("frames: %d more\n", count_frames(20) - count_frames(0));
  tell_owner("backtrace");
  tell_owner("unw_backtrace");
  tell_owner("_Ux86_64_init_local");
  tell_owner("unw_getcontext");
  tell_owner("_Unwind_RaiseException");
  return 0;
}
