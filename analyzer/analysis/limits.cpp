// SPDX-License-Identifier: Apache-2.0
#include "analysis/limits.h"

#include <algorithm>
#include <limits>

#include "analysis/stack_patterns.h"

namespace sagemem::analysis {
namespace {

LimitUse unused(const rules::LimitRule& rule) {
  LimitUse use;
  use.name = rule.name;
  use.counts_blocks = rule.blocks != 0;
  use.limit = use.counts_blocks ? rule.blocks : rule.bytes;
  return use;
}

void add(LimitUse& limit, model::StackId stack, const model::StackUse& use) {
  limit.stacks.push_back(stack);
  const std::uint64_t more =
      limit.counts_blocks ? use.own_peak_blocks : use.own_peak_bytes;
  // Sizes in a damaged trace may be anything.
  if (__builtin_add_overflow(limit.bound, more, &limit.bound)) {
    limit.bound = std::numeric_limits<std::uint64_t>::max();
  }
}

}  // namespace

std::vector<LimitUse> find_limits(const model::Profile& profile,
                                  symbolize::Symbolizer& symbols,
                                  const rules::ProgramRules& rules) {
  std::vector<LimitUse> limits;
  if (rules.limits.empty()) return limits;
  StackPatterns patterns(profile.stacks, symbols);
  std::vector<std::vector<std::uint32_t>> patterns_of;
  for (const rules::LimitRule& rule : rules.limits) {
    limits.push_back(unused(rule));
    auto& numbers = patterns_of.emplace_back();
    for (const std::string& function : rule.functions) {
      numbers.push_back(patterns.add_within(function));
    }
  }
  for (std::size_t id = 0; id < profile.uses.size(); ++id) {
    if (profile.uses[id].allocations == 0) continue;
    const auto stack = static_cast<model::StackId>(id);
    const StackPatterns::State state = patterns.state_of(stack);
    for (std::size_t i = 0; i < limits.size(); ++i) {
      const bool leads_through = std::any_of(
          patterns_of[i].begin(), patterns_of[i].end(),
          [&](std::uint32_t one) { return patterns.matches(state, one); });
      if (leads_through) add(limits[i], stack, profile.uses[id]);
    }
  }
  return limits;
}

}  // namespace sagemem::analysis
