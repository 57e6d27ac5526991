// SPDX-License-Identifier: Apache-2.0
//
// By what rule blocks grow, from the sizes before and after each step, of all
// ladders of a site together: one ladder alone often has too few steps to tell.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "analysis/growth.h"

namespace sagemem::analysis {

// How often there was a step from the first size to the second.
using StepCounts =
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t>;

struct GrowthPattern {
  GrowthRule rule = GrowthRule::Irregular;
  std::uint64_t increment = 0;
  double factor = 0;
};
// Four steps in five have to follow the rule.
[[nodiscard]] GrowthPattern find_pattern(const StepCounts& steps);

// An increment as so many elements of a size: counts that people write, such as
// 50, 64 or 10 000, and elements that all sizes are multiples of, but for a
// wrapper's rounding up.
struct Elements {
  std::uint64_t count = 0;  // 0: not known
  std::uint64_t unit = 0;
  bool is_certain = false;
};
[[nodiscard]] Elements find_elements(std::uint64_t increment,
                                     const StepCounts& steps);

}  // namespace sagemem::analysis
