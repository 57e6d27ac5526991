// SPDX-License-Identifier: Apache-2.0
//
// The report on scopes: a table of them, what escaped, whether something stays
// behind with each, what one of a given size takes; or one scope in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/scope_groups.h"
#include "report/output.h"
#include "report/page.h"
#include "report/query.h"
#include "report/subject.h"

namespace sagemem::report {

// The scopes that the query is about, in its order, all of them; empty where
// there are none.
[[nodiscard]] std::vector<model::ScopeId> choose_scopes(
    const model::ScopeProfile& profile, const ScopeQuery& query);
// The same for those who take a long list: of every rule, if none is asked for.
[[nodiscard]] std::vector<model::ScopeId> choose_listed_scopes(
    const model::ScopeProfile& profile, const ScopeQuery& query);
// Those whose call stacks the report shows: `top` of the chosen, where it shows
// any.  A second replay is told of them.
[[nodiscard]] std::vector<model::ScopeId> scopes_to_watch(
    const model::ScopeProfile& profile, const ScopeQuery& query,
    std::size_t top);

// For the summary: a few lines where there are scopes, or rules without any.
void print_scope_facts(Page& page, const Subject& subject);
void print_scopes(Page& page, const Subject& subject);
// Piece by piece: there may be a million.
void print_scopes_json(Output& out, const Subject& subject);

// "forest 812"
[[nodiscard]] std::string scope_name(const model::ScopeProfile& profile,
                                     const model::Scope& scope);
// How it came to its end, as a key; "closed", "open" and so on.
[[nodiscard]] const char* ending_key(const model::Scope& scope);

}  // namespace sagemem::report
