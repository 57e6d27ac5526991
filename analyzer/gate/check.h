// SPDX-License-Identifier: Apache-2.0
//
// The rules against one trace.
#pragma once

#include "gate/baseline.h"
#include "gate/rules_file.h"
#include "gate/verdict.h"
#include "report/subject.h"

namespace sagemem::gate {

// `rules` outlive the verdict.  nullptr: there is no baseline.
[[nodiscard]] Verdict check_trace(const report::Subject& subject,
                                  const RuleSet& rules,
                                  const Baseline* baseline);

// What has to be known of a trace for these rules: of report::Need.
[[nodiscard]] unsigned needs_of(const std::vector<FigureUse>& uses);

}  // namespace sagemem::gate
