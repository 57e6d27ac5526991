// SPDX-License-Identifier: Apache-2.0
#include "gate/scope_leaks.h"

#include <algorithm>

#include "model/replay.h"

namespace sagemem::gate {

analysis::LeakReport find_scope_leaks(
    const report::Subject& subject, const std::vector<model::ScopeId>& scopes,
    const std::vector<rules::Suppression>& suppressions) {
  const auto& all = subject.profile.scopes.scopes;
  if (std::none_of(scopes.begin(), scopes.end(), [&all](model::ScopeId id) {
        return all[id].live_blocks > 0;
      })) {
    // As it should be, and known without another pass.
    analysis::LeakReport none;
    const model::LeakClasses* const leaks = subject.profile.leaks.get();
    none.was_asked = leaks != nullptr;
    none.is_complete = leaks != nullptr && leaks->scan.is_complete();
    none.stacks.resize(subject.profile.uses.size());
    return none;
  }
  model::ReplayOptions options;
  std::vector<bool>& chosen = options.filter.scopes.emplace(all.size());
  for (const model::ScopeId id : scopes) chosen[id] = true;
  return analysis::find_leaks(subject.replay(options), subject.symbols,
                              suppressions);
}

}  // namespace sagemem::gate
