// SPDX-License-Identifier: Apache-2.0
//
// Unwind rules from .eh_frame, found through the sorted table in .eh_frame_hdr
// (Linux Standard Base core, 10.6; DWARF 5, 6.4.2).  No allocation, no lock,
// nothing but reads of the module's own read-only pages; some 100 ns a rule.
//
// Hazard: the reader trusts the bounds that the tables state, as every
// unwinder in the process does.  It must only be called for modules that are
// mapped, with a pc of a frame that is live (which keeps them mapped).
#pragma once

#include <cstdint>

#include "capture/unwind_rule.h"

namespace sagemem {

// The rule for a frame at `pc`.  `header`: address of the module's
// .eh_frame_hdr, 0 when it has none.  A frame that waits for a call to return
// is looked up by the call, which may be the last instruction of its function
// or of a range; one that a signal has interrupted is at `pc` itself.
enum class FrameKind : std::uint8_t { WaitsForReturn, Interrupted };
UnwindRule read_unwind_rule(std::uint64_t header, std::uint64_t pc,
                            FrameKind kind) noexcept;

}  // namespace sagemem
