// SPDX-License-Identifier: Apache-2.0
//
// Loads both plug-ins in turn, ROUNDS times (default 1), and allocates from
// inside of them.  Says whether they ever shared an address.
//
// usage: plugin_host [ROUNDS]
#include "load_plugin.h"

static void use(const char* name, plugin_entry_function** seen) {
  void* handle = load_plugin(name);
  plugin_entry_function* entry = entry_of(handle);
  for (size_t i = 0; i < 10; ++i) free(entry(100 + i));
  *seen = entry;
  REQUIRE(dlclose(handle) == 0);
}

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 1;
  int shared = 0;
  for (int i = 0; i < rounds; ++i) {
    plugin_entry_function* rows = NULL;
    plugin_entry_function* columns = NULL;
    use("plugin_rows.so", &rows);
    use("plugin_columns.so", &columns);
    const size_t page = 4096;
    shared |= (size_t)rows / page == (size_t)columns / page;
  }
  say("rounds=%d shared=%d\n", rounds, shared);
  return 0;
}
