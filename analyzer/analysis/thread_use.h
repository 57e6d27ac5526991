// SPDX-License-Identifier: Apache-2.0
//
// What each thread allocated, held and released, and for whom: a block belongs
// to the thread that allocated it.
//
//   thread     allocated   released by it   by another one
//   reader     12,000      11,200           800      hands blocks over
//   worker-0      400         380             0
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/held.h"
#include "model/profile.h"

namespace sagemem::analysis {

struct ThreadUse {
  std::uint32_t thread = model::kNoThread;  // index into Profile::threads
  Held held;                                // of its blocks
  std::uint64_t temporary = 0;
  std::uint64_t released_by_others = 0;  // its blocks
  std::uint64_t released_for_others = 0;
};

// Those that had a part in it, by what they held at the peak, then by what they
// allocated.
[[nodiscard]] std::vector<ThreadUse> find_thread_uses(
    const model::Profile& profile, const ReplayAgain& replay);

}  // namespace sagemem::analysis
