// SPDX-License-Identifier: Apache-2.0
//
// The leak classes of the blocks that were born in some scopes: the trace is
// replayed with these alone, so that each of them is in it once, also where
// scopes lie in one another.
#pragma once

#include <vector>

#include "analysis/leak_report.h"
#include "model/scopes.h"
#include "report/subject.h"
#include "rules/suppressions.h"

namespace sagemem::gate {

// `suppressions` has to outlive the result.
[[nodiscard]] analysis::LeakReport find_scope_leaks(
    const report::Subject& subject, const std::vector<model::ScopeId>& scopes,
    const std::vector<rules::Suppression>& suppressions);

}  // namespace sagemem::gate
