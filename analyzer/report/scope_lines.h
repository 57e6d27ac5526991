// SPDX-License-Identifier: Apache-2.0
//
// What the summary and the report on scopes say of them in common.
#pragma once

#include <string>
#include <vector>

#include "analysis/scope_groups.h"
#include "report/page.h"
#include "report/scopes.h"
#include "report/subject.h"

namespace sagemem::report {

// "-1,234"
[[nodiscard]] std::string signed_count(std::int64_t value);
// " (nhalos 12,345, type 2)", or nothing.
[[nodiscard]] std::string captured_text(const Page& page,
                                        const model::ScopeProfile& profile,
                                        const model::Scope& scope);

// How many there are, of other names too, and how they were seen.
void print_scope_count(Page& page, const model::ScopeProfile& profile,
                       const std::vector<analysis::ScopeGroup>& groups,
                       const analysis::ScopeGroup& group);
// The highest, what escaped, the drift.
void print_scope_trends(Page& page, const model::ScopeProfile& profile,
                        const analysis::ScopeGroup& group);
// What a scope of some size takes, and the answers to the query's questions.
void print_scope_cost(Page& page, const model::Profile& profile,
                      const analysis::ScopeGroup& group,
                      const ScopeQuery& query);
void print_scope_anomalies(Page& page, const model::ScopeProfile& profile);
// Why there is nothing to see; no group: there are no rules.
void print_no_scopes(Page& page, const model::Profile& profile,
                     const analysis::ScopeGroup* group);
// That functions could not be found, if so.
void print_stripped(Page& page, const model::Profile& profile);

}  // namespace sagemem::report
