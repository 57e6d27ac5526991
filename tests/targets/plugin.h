// SPDX-License-Identifier: Apache-2.0
//
// What a plug-in of these tests exports, and how a target loads one from the
// directory of its own executable.
#pragma once

#include <stddef.h>

typedef void* plugin_entry_function(size_t bytes);

#ifdef __cplusplus
extern "C" {
#endif
plugin_entry_function plugin_entry;
plugin_entry_function plugin_allocate_rows;
plugin_entry_function plugin_allocate_columns;
#ifdef __cplusplus
}
#endif
