// SPDX-License-Identifier: Apache-2.0
//
// Scopes by the name of their rule, put in order and chosen.  Several rules of
// one name are alternatives, and one group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scopes.h"

namespace sagemem::analysis {

struct ScopeGroup {
  std::string name;
  std::vector<std::uint32_t> rules;    // indices, in order of appearance
  std::vector<model::ScopeId> scopes;  // in order of their begins
};

// One for each name of a rule of scopes, those without any scope included.
[[nodiscard]] std::vector<ScopeGroup> group_scopes(
    const model::ScopeProfile& profile);
// The one that a reader means who names none: with the most scopes.
[[nodiscard]] const ScopeGroup* main_group(
    const std::vector<ScopeGroup>& groups);

enum class ScopeOrder {
  Peak,
  TotalPeak,
  Escaped,
  Allocated,
  Blocks,
  Time,
  Floor,
  Number,
  Begin
};
[[nodiscard]] std::optional<ScopeOrder> find_order(std::string_view name);

// Largest first, but numbers and begins, which start with the smallest.
[[nodiscard]] std::vector<model::ScopeId> order_scopes(
    const model::ScopeProfile& profile, std::vector<model::ScopeId> scopes,
    ScopeOrder order);

// Of a name and a number: "forest=812".
[[nodiscard]] std::vector<model::ScopeId> find_scopes(
    const model::ScopeProfile& profile, const ScopeGroup& group,
    std::int64_t number);

// How its scopes were seen, in one line: "call-through at sage_per_forest".
[[nodiscard]] std::string method_text(const model::ScopeProfile& profile,
                                      const ScopeGroup& group);

// The value that a scope captured under a name.
[[nodiscard]] std::optional<std::int64_t> captured_value(
    const model::ScopeProfile& profile, const model::Scope& scope,
    std::string_view key);
// The names of what its scopes captured, but for their numbers.
[[nodiscard]] std::vector<std::string> captured_keys(
    const model::ScopeProfile& profile, const ScopeGroup& group);

}  // namespace sagemem::analysis
