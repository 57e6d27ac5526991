// SPDX-License-Identifier: Apache-2.0
//
// A plug-in in C++, which brings its runtime into a program that has none: what
// it keeps for itself comes from operator new.
#include <cstdlib>
#include <memory>

#include "plugin.h"

void* plugin_entry(size_t bytes) {
  const auto block = std::make_unique<char[]>(bytes);
  return block[bytes - 1] == 0 ? std::malloc(bytes) : nullptr;
}
