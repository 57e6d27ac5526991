// SPDX-License-Identifier: Apache-2.0
//
// For which rules scopes have to be found in the call stacks, because the
// recorder could not see the calls, and which stacks lead through them: by the
// address of the function, or by its name where the compiler has inlined it.
#pragma once

#include <vector>

#include "model/profile.h"
#include "model/scope_inference.h"
#include "rules/program_rules.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

// For a second replay; empty when that would tell nothing new.
[[nodiscard]] std::vector<model::InferredRule> rules_to_infer(
    const model::Profile& profile, symbolize::Symbolizer& symbols);

// The same for a trace that knows of no scopes at all: those of a profile,
// which `added` describes.
struct AddedScopes {
  std::vector<model::InferredRule> inferred;
  std::vector<model::ScopeRule> added;
};
[[nodiscard]] AddedScopes scopes_to_infer(const model::Profile& profile,
                                          const rules::ProgramRules& rules,
                                          symbolize::Symbolizer& symbols);
[[nodiscard]] bool knows_scopes(const model::Profile& profile);

// Says in the profile of that replay how its scopes were seen.
void mark_inferred(model::ScopeProfile& profile,
                   const std::vector<model::InferredRule>& inferred,
                   const std::vector<model::ScopeRule>& added = {});

}  // namespace sagemem::analysis
