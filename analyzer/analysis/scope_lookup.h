// SPDX-License-Identifier: Apache-2.0
//
// In which scope of which name a block was born, asked for every block: scopes
// are known by number, from an earlier replay of the same trace.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/scope_groups.h"
#include "model/scope_model.h"

namespace sagemem::analysis {

class ScopeLookup {
 public:
  static constexpr std::uint32_t kNoGroup = 0xffffffff;

  ScopeLookup(const model::ScopeProfile& profile,
              const std::vector<ScopeGroup>& groups)
      : group_of_scope_(profile.scopes.size(), kNoGroup) {
    for (std::uint32_t group = 0; group < groups.size(); ++group) {
      for (const model::ScopeId scope : groups[group].scopes) {
        group_of_scope_[scope] = group;
      }
    }
  }

  // A scope that is new since then has none: the trace has grown.
  [[nodiscard]] std::uint32_t group(model::ScopeId scope) const {
    return scope < group_of_scope_.size() ? group_of_scope_[scope] : kNoGroup;
  }

  // The innermost of the group that blocks of the origin belong to.
  [[nodiscard]] model::ScopeId scope(const model::ScopeModel& scopes,
                                     model::OriginId origin,
                                     std::uint32_t group) const {
    model::ScopeId found = model::kNoScope;
    scopes.each_scope(origin, [&](model::ScopeId scope) {
      if (found == model::kNoScope && this->group(scope) == group) {
        found = scope;
      }
    });
    return found;
  }

 private:
  std::vector<std::uint32_t> group_of_scope_;
};

}  // namespace sagemem::analysis
