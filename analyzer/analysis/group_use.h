// SPDX-License-Identifier: Apache-2.0
//
// What sets of call stacks held over time, by a second replay: the modules of a
// program, and the wrappers that its blocks come through.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/sites.h"
#include "model/group_counters.h"
#include "rules/program_rules.h"

namespace sagemem::analysis {

// The code that a site is in.
struct ModuleUse {
  std::string module;  // path as recorded; "": of no module
  model::StackUse use;
  model::GroupUse over_time;
  std::uint64_t sites = 0;
};

// Largest at the peak first, then by what they allocated, then by name.
[[nodiscard]] std::vector<ModuleUse> find_module_uses(
    const model::Profile& profile, const SiteTable& sites,
    const ReplayAgain& replay);

// Blocks that were allocated through a function that allocates for its callers:
// one that stands between the allocation and its site.
struct WrapperUse {
  std::string function;
  std::uint64_t allocations = 0;
  model::GroupUse over_time;
};

struct BlockCounts {
  WrapperUse all;
  std::vector<WrapperUse> wrappers;  // most blocks at once first
};

[[nodiscard]] BlockCounts find_block_counts(const model::Profile& profile,
                                            symbolize::Symbolizer& symbols,
                                            const SiteTable& sites,
                                            const ReplayAgain& replay);

}  // namespace sagemem::analysis
