// SPDX-License-Identifier: Apache-2.0
//
// How near the program came to the limits that its profile names.
//
// What was live at once is known exactly from a replay that counts it.  Without
// one there is a bound: the most that each stack held, summed up.  Where that
// is far below the limit nobody need look closer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/profile.h"
#include "rules/program_rules.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

struct LimitUse {
  std::string name;
  bool counts_blocks = true;  // else bytes
  std::uint64_t limit = 0;
  std::uint64_t bound = 0;  // no more than this were live at once
  // The most that were, and when first; once it has been counted.
  bool is_counted = false;
  std::uint64_t most = 0;
  std::int64_t time_ns = 0;
  // Of the block that made it so many; kNoScope: it was born in none.
  model::ScopeId scope = model::kNoScope;
  // Stacks that lead through the functions, in order.
  std::vector<model::StackId> stacks;

  // Whether it may have come above half of the limit.
  [[nodiscard]] bool is_near() const {
    return (is_counted ? most : bound) > limit / 2;
  }
};

[[nodiscard]] std::vector<LimitUse> find_limits(
    const model::Profile& profile, symbolize::Symbolizer& symbols,
    const rules::ProgramRules& rules);

}  // namespace sagemem::analysis
