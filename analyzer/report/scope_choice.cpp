// SPDX-License-Identifier: Apache-2.0
//
// Which scopes a report is about.
#include <fmt/format.h>

#include <algorithm>

#include "report/scopes.h"

namespace sagemem::report {
namespace {

// More of them take a second replay longer than anybody reads.
constexpr std::size_t kMostWatched = 1000;

}  // namespace

std::vector<model::ScopeId> choose_scopes(const model::ScopeProfile& profile,
                                          const ScopeQuery& query) {
  const auto groups = analysis::group_scopes(profile);
  const analysis::ScopeGroup* group = analysis::main_group(groups);
  if (!query.rule.empty()) {
    const auto named = std::find_if(
        groups.begin(), groups.end(),
        [&query](const auto& one) { return one.name == query.rule; });
    group = named == groups.end() ? nullptr : &*named;
  }
  if (group == nullptr) return {};
  std::vector<model::ScopeId> chosen = group->scopes;
  if (query.number) {
    chosen = analysis::find_scopes(profile, *group, *query.number);
  }
  if (query.escaped_only) {
    std::erase_if(chosen, [&profile](model::ScopeId id) {
      return profile.scopes[id].escaped_blocks == 0;
    });
  }
  const auto usual = query.escaped_only ? analysis::ScopeOrder::Escaped
                                        : analysis::ScopeOrder::Peak;
  return analysis::order_scopes(profile, std::move(chosen),
                                query.order.value_or(usual));
}

std::vector<model::ScopeId> choose_listed_scopes(
    const model::ScopeProfile& profile, const ScopeQuery& query) {
  if (!query.rule.empty() || query.number) return choose_scopes(profile, query);
  std::vector<model::ScopeId> chosen;
  for (const analysis::ScopeGroup& group : analysis::group_scopes(profile)) {
    ScopeQuery one = query;
    one.rule = group.name;
    const std::vector<model::ScopeId> more = choose_scopes(profile, one);
    chosen.insert(chosen.end(), more.begin(), more.end());
  }
  return chosen;
}

std::vector<model::ScopeId> scopes_to_watch(const model::ScopeProfile& profile,
                                            const ScopeQuery& query,
                                            std::size_t top) {
  if (!query.escaped_only && !query.number) return {};
  std::vector<model::ScopeId> chosen = choose_scopes(profile, query);
  const std::size_t most =
      top == 0 ? kMostWatched : std::min(top, kMostWatched);
  if (chosen.size() > most) chosen.resize(most);
  return chosen;
}

std::string scope_name(const model::ScopeProfile& profile,
                       const model::Scope& scope) {
  return fmt::format("{} {}", profile.rules[scope.rule].name, scope.number);
}

const char* ending_key(const model::Scope& scope) {
  switch (scope.ending) {
    case model::ScopeEnding::Open:
      break;
    case model::ScopeEnding::Closed:
      return "closed";
    case model::ScopeEnding::Abandoned:
      return "abandoned";
    case model::ScopeEnding::ByOuter:
      return "closed_by_outer";
    case model::ScopeEnding::ThreadEnded:
      return "thread_ended";
  }
  return "open";
}

}  // namespace sagemem::report
