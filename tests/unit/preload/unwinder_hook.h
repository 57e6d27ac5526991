// SPDX-License-Identifier: Apache-2.0
//
// Stands where an exported function of the recorder stands: takes its call
// point and captures.
#pragma once

#include "capture/module_table.h"
#include "capture/verified_unwinder.h"

namespace sagemem::test {

// How, where only inner frames are new.
enum class QuickWay : std::uint8_t { None, Walk, Path };

// Captures the stack of the caller, accepts it, and compares it with what
// libunwind sees.
struct Captured {
  CaptureResult result;
  StackDelta delta;
  bool as_libunwind;
  bool is_last_again;
  QuickWay quick_way;
};
// Not with SAGEMEM_TEST_GENERAL_WAY set.
bool takes_quick_way();
Captured capture_here(VerifiedUnwinder& unwinder, ModuleTable& modules);

}  // namespace sagemem::test
