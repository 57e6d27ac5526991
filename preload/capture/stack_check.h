// SPDX-License-Identifier: Apache-2.0
//
// The test of the verified unwinder that needs no test program: every stack is
// walked by libunwind as well, in libsagemem_checked.so and in a build with
// -Dcheck_unwind=true.
#pragma once

#include "capture/call_point.h"
#include "encode/stack_delta.h"

namespace sagemem {

// libunwind sees the same return addresses, or may not be asked.
bool is_as_libunwind(const CallPoint& point, const StackDelta& stack) noexcept;

// In a fork child: libunwind takes the loader's lock, which nobody can hold
// here if the parent had one thread.
void check_in_child(bool had_one_thread) noexcept;

}  // namespace sagemem
