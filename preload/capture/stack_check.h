// SPDX-License-Identifier: Apache-2.0
//
// The test of the verified unwinder that needs no test program: in a build with
// -Dcheck_unwind=true every stack is walked by libunwind as well.
#pragma once

#include "capture/call_point.h"
#include "encode/stack_delta.h"

namespace sagemem {

// libunwind sees the same return addresses.
bool is_as_libunwind(const CallPoint& point, const StackDelta& stack) noexcept;

}  // namespace sagemem
