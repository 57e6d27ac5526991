// SPDX-License-Identifier: Apache-2.0
//
// A run by the rules of one profile: its categories, its limits, and what
// it calls its blocks itself.
//
// The sums of a category follow from its stacks.  Its own highest point does
// not, because its stacks had theirs at different times: that is counted by a
// second replay, which takes as long as the first and is made when someone asks
// for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analysis/categories.h"
#include "analysis/labels.h"
#include "analysis/limits.h"
#include "model/replay.h"

namespace sagemem::analysis {

struct Breakdown {
  std::string profile;  // the name of the rules
  CategoryTable table;
  // By category; empty unless counted.
  std::vector<model::GroupUse> over_time;
  std::vector<LimitUse> limits;
  std::vector<Label> labels;
};

[[nodiscard]] Breakdown find_breakdown(const model::Profile& profile,
                                       symbolize::Symbolizer& symbols,
                                       symbolize::SourceText& sources,
                                       const SiteTable& sites,
                                       const rules::ProgramRules& rules);

// Replays the same trace again.
using ReplayAgain =
    std::function<model::Profile(const model::ReplayOptions& options)>;

// Fills in what only a second replay knows.
void count_over_time(Breakdown& breakdown, const ReplayAgain& replay);

}  // namespace sagemem::analysis
