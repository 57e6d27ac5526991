// SPDX-License-Identifier: Apache-2.0
//
// Loads a plug-in that stands beside the executable.
#pragma once

#include <dlfcn.h>
#include <string.h>

#include "plugin.h"
#include "support.h"

__attribute__((unused)) static void* load_plugin(const char* name) {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 64);
  REQUIRE(length > 0);
  path[length] = '\0';
  char* slash = strrchr(path, '/');
  REQUIRE(slash != NULL);
  snprintf(slash + 1, 64, "%s", name);
  void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(handle != NULL);
  return handle;
}

__attribute__((unused)) static plugin_entry_function* entry_of(void* handle) {
  plugin_entry_function* entry = NULL;
  void* symbol = dlsym(handle, "plugin_entry");
  REQUIRE(symbol != NULL);
  memcpy(&entry, &symbol, sizeof entry);
  return entry;
}
