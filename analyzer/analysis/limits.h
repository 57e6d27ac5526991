// SPDX-License-Identifier: Apache-2.0
//
// How near the program came to the limits that its profile names.
//
// What was live at once is known exactly from a replay that counts it
// (limit_watch.h, breakdown.h).  Without one there is a bound: the most that
// each stack held, summed up.  Where that is far below the limit nobody need
// look closer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/stack_patterns.h"
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

  // What a replay has counted of these stacks.
  void count(const model::GroupUse& use);

  // Whether it may have come above half of the limit.
  [[nodiscard]] bool is_near() const {
    return (is_counted ? most : bound) > limit / 2;
  }
};

// Which limits the blocks of a stack count to.
class LimitPatterns {
 public:
  // All but the rules must outlive this.
  LimitPatterns(const model::StackTree& stacks, symbolize::Symbolizer& symbols,
                const rules::ProgramRules& rules);

  // Appends their indices in the rules, in order.
  void find(model::StackId stack, std::vector<std::uint32_t>& limits);

 private:
  StackPatterns patterns_;
  std::vector<std::vector<std::uint32_t>> patterns_of_;  // by limit
};

[[nodiscard]] std::vector<LimitUse> find_limits(
    const model::Profile& profile, symbolize::Symbolizer& symbols,
    const rules::ProgramRules& rules);

}  // namespace sagemem::analysis
