// SPDX-License-Identifier: Apache-2.0
//
// Blocks by the size that was asked for: in classes of a factor of two, and the
// exact sizes that come up most, which are what a pool would be made for.
//
// The distinct sizes of a run may be as many as its blocks.  Exactly counted
// are those that come first, up to kMaxDistinct; the others only in classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/held.h"

namespace sagemem::analysis {

struct SizeUse {
  std::uint64_t low = 0;  // in bytes, both included
  std::uint64_t high = 0;
  Held held;
};

struct SizeTable {
  static constexpr std::size_t kMaxDistinct = std::size_t{1} << 16;

  std::vector<SizeUse> classes;   // from small to large, those with blocks
  std::vector<SizeUse> distinct;  // most often first
  std::uint64_t uncounted = 0;    // allocations of sizes beyond kMaxDistinct
};

[[nodiscard]] SizeTable find_size_uses(const ReplayAgain& replay);

}  // namespace sagemem::analysis
