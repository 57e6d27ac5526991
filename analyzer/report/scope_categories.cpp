// SPDX-License-Identifier: Apache-2.0
#include "report/scope_categories.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace sagemem::report {

std::vector<HeldByCategory> peak_categories(const Subject& subject,
                                            model::ScopeId id) {
  const analysis::CategoryTable& table = subject.breakdown.table;
  std::map<std::uint32_t, HeldByCategory> sums;
  for (const model::ScopePeakUse& one : subject.profile.scopes.scope_peaks) {
    if (one.scope != id) continue;
    HeldByCategory& sum = sums[table.category_of_stack[one.stack]];
    sum.bytes += one.bytes;
    sum.blocks += one.blocks;
  }
  std::vector<HeldByCategory> result;
  for (auto& [category, sum] : sums) {
    sum.name = table.categories[category].name;
    result.push_back(std::move(sum));
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return std::tie(b.bytes, b.blocks, a.name) <
           std::tie(a.bytes, a.blocks, b.name);
  });
  return result;
}

}  // namespace sagemem::report
