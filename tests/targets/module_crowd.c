// SPDX-License-Identifier: Apache-2.0
//
// Loads every file of a directory as a plug-in, all of them at once, and
// allocates ten blocks in each; then unloads them all.
//
// usage: module_crowd DIRECTORY
#include <dirent.h>

#include "load_plugin.h"

enum { kMaxModules = 4000, kBlocks = 10 };

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  static void* handles[kMaxModules];
  size_t count = 0;
  DIR* directory = opendir(argv[1]);
  REQUIRE(directory != NULL);
  for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    REQUIRE(count < kMaxModules);
    handles[count] = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(handles[count] != NULL);
    plugin_entry_function* entry_point = entry_of(handles[count++]);
    for (int i = 0; i < kBlocks; ++i) free(entry_point(100));
  }
  closedir(directory);
  for (size_t i = 0; i < count; ++i) REQUIRE(dlclose(handles[i]) == 0);
  say("plugin_allocate_rows=%zu\n", count * kBlocks);
  return 0;
}
