// SPDX-License-Identifier: Apache-2.0
//
// The call stack of the present moment as return addresses.
//
// libunwind does the walk.  It is linked statically with hidden symbols, its
// caches are per thread (unwinding takes no lock that another thread may hold
// at fork) and it allocates from mmap only; a test counts that.
//
// Hazard: libunwind remembers unwind rules by address.  When a library goes
// and another comes to the same place, the rules are wrong: the module table
// calls forget_code() then.
#pragma once

#include <cstdint>

namespace sagemem {

enum class CaptureResult : std::uint8_t {
  Complete,
  Truncated,  // more than `capacity` frames: the outermost are missing
  Failed,     // the unwinder did not get to `caller`: that one frame only
};

// Return addresses into `frames`, innermost first, beginning with `caller`,
// the return address of the hook: the recorder's own frames are left out.
CaptureResult capture_stack(const void* caller, std::uint64_t* frames,
                            std::uint32_t capacity,
                            std::uint32_t& depth) noexcept;

}  // namespace sagemem
