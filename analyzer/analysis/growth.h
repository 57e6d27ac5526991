// SPDX-License-Identifier: Apache-2.0
//
// Blocks that grow by realloc, rung by rung: where, by what rule, and what that
// costs beside other rules.
//
//   ladder      80 -> 120 -> 160 -> 200       three steps
//   increment       40     40     40          fixed
//   factor         1.5    1.3   1.25          not the same
//
// A ladder belongs to the site of its first growing realloc.  Its first size is
// what the block had before.  A realloc to less is no step; the ladder goes on
// with what it left.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/sites.h"

namespace sagemem::analysis {

// How often there was which size.  Beyond kMost different ones further sizes
// are rounded up, by less than a hundredth.
class SizeCounts {
 public:
  static constexpr std::size_t kMost = 4096;

  void add(std::uint64_t size);

  [[nodiscard]] std::uint64_t least() const { return least_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }
  // The smallest that `share` of all are not above.
  [[nodiscard]] std::uint64_t quantile(double share) const;
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& counts() const {
    return counts_;
  }

 private:
  std::map<std::uint64_t, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t least_ = 0;
  std::uint64_t most_ = 0;
};

enum class GrowthRule {
  Once,       // all steps from one size: nothing to compare
  Fixed,      // by an increment
  Geometric,  // by a factor
  Irregular,
};

// What a growth factor would have cost for the same needs.  Every call counts
// as a copy, as if the block had to move.
struct FactorCost {
  double factor = 0;
  std::uint64_t calls = 0;
  std::uint64_t bytes_copied = 0;
  std::uint64_t bytes_requested = 0;  // sum of the sizes asked for
  std::uint64_t largest_bytes = 0;    // of any block
  std::uint64_t spare_bytes = 0;      // the most beyond the need, of any block
};

struct GrowthSite {
  std::uint32_t site = 0;  // index into SiteTable::sites
  std::uint64_t stacks = 0;
  std::uint64_t ladders = 0;
  std::uint64_t steps = 0;
  std::uint64_t least_steps = 0;  // of a ladder
  std::uint64_t most_steps = 0;
  std::uint64_t moves = 0;  // steps that gave another address
  std::uint64_t bytes_copied = 0;
  std::uint64_t bytes_requested = 0;
  SizeCounts first;
  SizeCounts last;  // the largest size of each ladder
  GrowthRule rule = GrowthRule::Irregular;
  std::uint64_t increment = 0;  // Fixed; the same as count * unit where known
  std::uint64_t count = 0;
  std::uint64_t unit = 0;
  bool is_unit_certain = false;       // other sizes are multiples of it too
  double factor = 0;                  // Geometric
  std::array<FactorCost, 2> factors;  // 1.5 and 2
};

// Most bytes copied first, then most steps, then by name.
[[nodiscard]] std::vector<GrowthSite> find_growth(const SiteTable& sites,
                                                  const ReplayAgain& replay);

}  // namespace sagemem::analysis
