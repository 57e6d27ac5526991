// SPDX-License-Identifier: Apache-2.0
//
// A loadable module, built twice with stack frames of different sizes and the
// same code otherwise, so that return addresses in the one are return addresses
// in the other when both are loaded at one address in turn.
#include "truth.h"

namespace {

NOINLINE void call_back(int depth, void (*allocate)()) {
  ENTER;
  char room[TRUE_PLUGIN_BYTES];
  keep(room);
  if (depth > 0) call_back(depth - 1, allocate);
  allocate();
  keep(room);
  LEAVE;
}

}  // namespace

extern "C" void true_plugin_entry(Shadow* shadow, int depth,
                                  void (*allocate)());
extern "C" void true_plugin_entry(Shadow* shadow, int depth,
                                  void (*allocate)()) {
  t_shadow = shadow;
  ENTER;
  call_back(depth, allocate);
  LEAVE;
}
