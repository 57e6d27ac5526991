// SPDX-License-Identifier: Apache-2.0
//
// The call stack through libunwind: for what the verified unwinder refuses
// (signal frames, unusual call frame information), as the reference that it is
// checked against, and as the only engine where there are no compact rules.
//
// libunwind is linked statically with hidden symbols.  It walks without
// allocating; for a module without .eh_frame_hdr it would, which the hooks then
// see, count and pass on.
#pragma once

#include <cstdint>

namespace sagemem {

enum class WalkResult : std::uint8_t {
  Complete,
  Truncated,  // more than `capacity` frames: the outermost are missing
  Failed,     // `caller` was not found: that one frame only
};

// Return addresses into `frames`, innermost first, beginning with `caller`, the
// return address of the hook: the recorder's own frames are left out.
WalkResult walk_with_libunwind(std::uint64_t caller, std::uint64_t* frames,
                               std::uint32_t capacity,
                               std::uint32_t& depth) noexcept;

}  // namespace sagemem
