// SPDX-License-Identifier: Apache-2.0
//
// A module that holds a block, and takes its only pointer along when it goes.
#include "support.h"

static void* g_held;

void leak_plugin_hold(void) {
  g_held = keep(malloc(100));
  keep(&g_held);
}
