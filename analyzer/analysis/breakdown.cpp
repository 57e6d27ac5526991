// SPDX-License-Identifier: Apache-2.0
#include "analysis/breakdown.h"

namespace sagemem::analysis {
namespace {

// The categories, then the limits.
model::StackGroups make_groups(const Breakdown& breakdown) {
  const CategoryTable& table = breakdown.table;
  std::vector<std::size_t> next(breakdown.limits.size());
  std::vector<std::uint32_t> groups;
  model::StackGroups result;
  for (std::size_t id = 0; id < table.category_of_stack.size(); ++id) {
    groups.clear();
    if (table.category_of_stack[id] != kNoCategory) {
      groups.push_back(table.category_of_stack[id]);
    }
    for (std::size_t i = 0; i < next.size(); ++i) {
      const auto& stacks = breakdown.limits[i].stacks;
      if (next[i] == stacks.size() || stacks[next[i]] != id) continue;
      ++next[i];
      groups.push_back(static_cast<std::uint32_t>(table.categories.size() + i));
    }
    result.append(groups);
  }
  return result;
}

}  // namespace

Breakdown find_breakdown(const model::Profile& profile,
                         symbolize::Symbolizer& symbols,
                         symbolize::SourceText& sources, const SiteTable& sites,
                         const rules::ProgramRules& rules) {
  Breakdown breakdown;
  breakdown.profile = rules.name;
  breakdown.table = find_categories(profile, symbols, sources, sites, rules);
  breakdown.limits = find_limits(profile, symbols, rules);
  breakdown.labels = find_labels(profile, rules, breakdown.table);
  return breakdown;
}

void count_over_time(Breakdown& breakdown, const ReplayAgain& replay) {
  const model::StackGroups groups = make_groups(breakdown);
  const std::size_t categories = breakdown.table.categories.size();
  model::ReplayOptions options;
  options.groups = &groups;
  options.group_count = categories + breakdown.limits.size();
  const std::vector<model::GroupUse> uses = replay(options).groups;
  breakdown.over_time.assign(
      uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(categories));
  for (std::size_t i = 0; i < breakdown.limits.size(); ++i) {
    breakdown.limits[i].count(uses[categories + i]);
  }
}

}  // namespace sagemem::analysis
