// SPDX-License-Identifier: Apache-2.0
#include "analysis/scope_groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/scope_text.h"
#include "sagemem/trace/format.h"

namespace sagemem::analysis {
namespace {

using model::Scope;
using model::ScopeId;
using model::ScopeProfile;

// Larger is earlier.
std::uint64_t weight(const Scope& scope, ScopeOrder order) {
  switch (order) {
    case ScopeOrder::Peak:
      return scope.peak_bytes;
    case ScopeOrder::TotalPeak:
      return scope.total_peak_bytes;
    case ScopeOrder::Escaped:
      return scope.escaped_bytes;
    case ScopeOrder::Allocated:
      return scope.allocated_bytes;
    case ScopeOrder::Blocks:
      return scope.allocated_blocks;
    case ScopeOrder::Time:
      return static_cast<std::uint64_t>(scope.end_ns - scope.begin_ns);
    case ScopeOrder::Floor:
      return scope.floor_bytes;
    case ScopeOrder::Number:
    case ScopeOrder::Begin:
      break;
  }
  return 0;
}

// No module had the function; one that was loaded later may have.
bool is_absence(const model::Probe& probe) {
  return probe.method == trace::ProbeMethod::None &&
         probe.reason == trace::ProbeReason::NoSymbol;
}

bool is_seen_too(const model::Probe& absent,
                 const std::vector<model::Probe>& probes) {
  return std::any_of(probes.begin(), probes.end(),
                     [&absent](const model::Probe& one) {
                       return !is_absence(one) && one.symbol == absent.symbol;
                     });
}

std::string describe_call(const model::Probe& probe) {
  std::string text(decode::method_name(probe.method));
  if (probe.method == trace::ProbeMethod::Marker) return "marked by sagemem.h";
  if (probe.method == trace::ProbeMethod::None) text = "not seen";
  if (!probe.symbol.empty()) text += " at " + probe.symbol;
  if (probe.reason != trace::ProbeReason::None) {
    text += fmt::format(" ({})", decode::reason_name(probe.reason));
  }
  return text;
}

// Nothing ends its scopes but the next: its functions are where values are
// looked at.
bool begins_with_values(const model::ScopeRule& rule) {
  return std::any_of(rule.probes.begin(), rule.probes.end(),
                     [](const model::Probe& probe) {
                       return probe.roles == trace::kProbeBegins &&
                              probe.method != trace::ProbeMethod::None &&
                              probe.method != trace::ProbeMethod::Marker &&
                              probe.method != trace::ProbeMethod::Inferred;
                     }) &&
         std::none_of(rule.probes.begin(), rule.probes.end(),
                      [](const model::Probe& probe) {
                        return (probe.roles & trace::kProbeEnds) != 0;
                      });
}

std::string describe(const model::ScopeRule& rule, const model::Probe& probe) {
  std::string text = describe_call(probe);
  return begins_with_values(rule) && !is_absence(probe)
             ? text + ", one for each new number"
             : text;
}

}  // namespace

std::vector<ScopeGroup> group_scopes(const ScopeProfile& profile) {
  std::vector<ScopeGroup> groups;
  std::vector<std::size_t> group_of_rule(profile.rules.size());
  for (std::uint32_t rule = 0; rule < profile.rules.size(); ++rule) {
    const std::string& name = profile.rules[rule].name;
    const auto found = std::find_if(
        groups.begin(), groups.end(),
        [&name](const ScopeGroup& group) { return group.name == name; });
    group_of_rule[rule] = static_cast<std::size_t>(found - groups.begin());
    if (found == groups.end()) groups.push_back({name, {}, {}});
    groups[group_of_rule[rule]].rules.push_back(rule);
  }
  for (ScopeId id = 0; id < profile.scopes.size(); ++id) {
    groups[group_of_rule[profile.scopes[id].rule]].scopes.push_back(id);
  }
  std::erase_if(groups, [&profile](const ScopeGroup& group) {
    const bool is_of_scopes = std::any_of(
        group.rules.begin(), group.rules.end(), [&](std::uint32_t rule) {
          return profile.rules[rule].use == trace::RuleUse::Scope;
        });
    // A rule that was never described is of scopes if it has some.
    return group.scopes.empty() &&
           (!is_of_scopes || profile.rules[group.rules.front()].name.empty());
  });
  return groups;
}

const ScopeGroup* main_group(const std::vector<ScopeGroup>& groups) {
  const auto largest =
      std::max_element(groups.begin(), groups.end(),
                       [](const ScopeGroup& a, const ScopeGroup& b) {
                         return a.scopes.size() < b.scopes.size();
                       });
  return largest == groups.end() ? nullptr : &*largest;
}

std::optional<ScopeOrder> find_order(std::string_view name) {
  constexpr std::pair<std::string_view, ScopeOrder> orders[] = {
      {"peak", ScopeOrder::Peak},           {"total", ScopeOrder::TotalPeak},
      {"escaped", ScopeOrder::Escaped},     {"blocks", ScopeOrder::Blocks},
      {"allocated", ScopeOrder::Allocated}, {"time", ScopeOrder::Time},
      {"floor", ScopeOrder::Floor},         {"number", ScopeOrder::Number},
      {"begin", ScopeOrder::Begin}};
  for (const auto& [known, order] : orders) {
    if (known == name) return order;
  }
  return std::nullopt;
}

std::vector<ScopeId> order_scopes(const ScopeProfile& profile,
                                  std::vector<ScopeId> scopes,
                                  ScopeOrder order) {
  std::sort(scopes.begin(), scopes.end(), [&](ScopeId a, ScopeId b) {
    const Scope& left = profile.scopes[a];
    const Scope& right = profile.scopes[b];
    if (order == ScopeOrder::Number && left.number != right.number) {
      return left.number < right.number;
    }
    const std::uint64_t left_weight = weight(left, order);
    const std::uint64_t right_weight = weight(right, order);
    if (left_weight != right_weight) return left_weight > right_weight;
    if (order == ScopeOrder::Escaped &&
        left.escaped_blocks != right.escaped_blocks) {
      return left.escaped_blocks > right.escaped_blocks;
    }
    return a < b;
  });
  return scopes;
}

std::vector<ScopeId> find_scopes(const ScopeProfile& profile,
                                 const ScopeGroup& group, std::int64_t number) {
  std::vector<ScopeId> found;
  for (const ScopeId id : group.scopes) {
    if (profile.scopes[id].number == number) found.push_back(id);
  }
  return found;
}

std::string method_text(const ScopeProfile& profile, const ScopeGroup& group) {
  std::vector<std::string> seen;
  bool is_found = false;  // a rule before, for which this one would stand in
  for (const std::uint32_t rule : group.rules) {
    const auto& probes = profile.rules[rule].probes;
    const bool is_needless = is_found;
    for (const model::Probe& probe : probes) {
      if (is_absence(probe) && (is_needless || is_seen_too(probe, probes))) {
        continue;
      }
      is_found = is_found || !is_absence(probe);
      std::string text = describe(profile.rules[rule], probe);
      if (std::find(seen.begin(), seen.end(), text) == seen.end()) {
        seen.push_back(std::move(text));
      }
    }
  }
  constexpr std::size_t kMost = 3;
  const std::size_t count = seen.size();
  if (count == 0) return "the trace does not say how";
  std::string result = fmt::format(
      "{}", fmt::join(seen.begin(),
                      seen.begin() +
                          static_cast<std::ptrdiff_t>(std::min(count, kMost)),
                      ", "));
  if (count > kMost) result += fmt::format(" and {} more", count - kMost);
  return result;
}

std::optional<std::int64_t> captured_value(const ScopeProfile& profile,
                                           const Scope& scope,
                                           std::string_view key) {
  for (const model::CapturedValue& value : profile.captured_of(scope)) {
    if (profile.keys[value.key] == key) return value.value;
  }
  return std::nullopt;
}

std::vector<std::string> captured_keys(const ScopeProfile& profile,
                                       const ScopeGroup& group) {
  std::vector<bool> is_used(profile.keys.size());
  for (const ScopeId id : group.scopes) {
    for (const model::CapturedValue& value :
         profile.captured_of(profile.scopes[id])) {
      is_used[value.key] = true;
    }
  }
  std::vector<std::string> names;
  for (std::size_t key = 0; key < is_used.size(); ++key) {
    const std::string& name = profile.keys[key];
    if (!is_used[key] || name == trace::kScopeNumber) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace sagemem::analysis
