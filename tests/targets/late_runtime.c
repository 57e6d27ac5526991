// SPDX-License-Identifier: Apache-2.0
//
// A plain C program that loads a plug-in in C++: the runtime comes late, and
// only as what the plug-in needs.  The loader drops a list that it has made for
// it as soon as somebody asks for the runtime by its name.
//
// usage: late_runtime
#include "load_plugin.h"

int main(void) {
  void* handle = load_plugin("cxx_plugin.so");
  plugin_entry_function* entry = entry_of(handle);
  for (size_t i = 0; i < 10; ++i) free(entry(100 + i));
  say("done\n");
  return 0;
}
