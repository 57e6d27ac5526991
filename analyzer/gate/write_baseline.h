// SPDX-License-Identifier: Apache-2.0
//
// What a trace says, as a baseline.
#pragma once

#include <vector>

#include "gate/baseline.h"
#include "gate/expression.h"
#include "report/subject.h"

namespace sagemem::gate {

// All figures that are of the program and not of the run, of everything that
// has a name in the trace; and `uses`, what rules ask of a baseline.
[[nodiscard]] Baseline baseline_of(const report::Subject& subject,
                                   const std::vector<FigureUse>& uses);

// The last part of its path, in ASCII.
[[nodiscard]] std::string program_of(const model::Profile& profile);

}  // namespace sagemem::gate
