// SPDX-License-Identifier: Apache-2.0
//
// The rules against one trace.
#pragma once

#include "gate/baseline.h"
#include "gate/rules_file.h"
#include "gate/source_paths.h"
#include "gate/verdict.h"
#include "report/subject.h"

namespace sagemem::gate {

// `rules` outlive the verdict.  nullptr: there is no baseline.  Sources that
// are not where the compiler found them are looked for by `paths`.
[[nodiscard]] Verdict check_trace(const report::Subject& subject,
                                  const RuleSet& rules,
                                  const Baseline* baseline, SourcePaths& paths);

// What has to be known of a trace for these rules: of report::Need.
[[nodiscard]] unsigned needs_of(const std::vector<FigureUse>& uses);

}  // namespace sagemem::gate
