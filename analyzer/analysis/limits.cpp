// SPDX-License-Identifier: Apache-2.0
#include "analysis/limits.h"

#include <algorithm>
#include <limits>

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

void LimitUse::count(const model::GroupUse& use) {
  is_counted = true;
  most = counts_blocks ? use.most_blocks : use.most_bytes;
  time_ns = counts_blocks ? use.most_blocks_ns : use.most_bytes_ns;
  scope = counts_blocks ? use.most_blocks_scope : use.most_bytes_scope;
}

LimitPatterns::LimitPatterns(const model::StackTree& stacks,
                             symbolize::Symbolizer& symbols,
                             const rules::ProgramRules& rules)
    : patterns_(stacks, symbols) {
  for (const rules::LimitRule& rule : rules.limits) {
    auto& numbers = patterns_of_.emplace_back();
    for (const std::string& function : rule.functions) {
      numbers.push_back(patterns_.add_within(function));
    }
  }
}

void LimitPatterns::find(model::StackId stack,
                         std::vector<std::uint32_t>& limits) {
  const StackPatterns::State state = patterns_.state_of(stack);
  for (std::uint32_t i = 0; i < patterns_of_.size(); ++i) {
    const bool leads_through = std::any_of(
        patterns_of_[i].begin(), patterns_of_[i].end(),
        [&](std::uint32_t one) { return patterns_.matches(state, one); });
    if (leads_through) limits.push_back(i);
  }
}

std::vector<LimitUse> find_limits(const model::Profile& profile,
                                  symbolize::Symbolizer& symbols,
                                  const rules::ProgramRules& rules) {
  std::vector<LimitUse> limits;
  if (rules.limits.empty()) return limits;
  for (const rules::LimitRule& rule : rules.limits)
    limits.push_back(unused(rule));
  LimitPatterns patterns(profile.stacks, symbols, rules);
  std::vector<std::uint32_t> found;
  for (std::size_t id = 0; id < profile.uses.size(); ++id) {
    if (profile.uses[id].allocations == 0) continue;
    const auto stack = static_cast<model::StackId>(id);
    found.clear();
    patterns.find(stack, found);
    for (const std::uint32_t i : found) add(limits[i], stack, profile.uses[id]);
  }
  return limits;
}

}  // namespace sagemem::analysis
