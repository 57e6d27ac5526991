// SPDX-License-Identifier: Apache-2.0
//
// What to change first: the findings of all other questions, weighed against
// each other.  Each has the place, the figures that speak for it, and what it
// would gain.  What gains too little is not said at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/growth.h"
#include "analysis/reuse.h"
#include "analysis/sites.h"
#include "model/profile.h"

namespace sagemem::analysis {

enum class AdviceKind {
  Leak,           // never released
  Escape,         // outlives its scope
  Growth,         // realloc by small steps
  Pool,           // blocks of one size
  Arena,          // blocks that go with their scope
  Temporary,      // released at once
  Limit,          // a limit of the program is near
  PeakHolder,     // much of the peak in one place
  Fragmentation,  // held from the system and in no block
};

struct Advice {
  AdviceKind kind = AdviceKind::PeakHolder;
  std::vector<std::uint32_t> sites;  // none: the program as a whole
  // From 0 to 1: the share of the peak, or half the share of the calls for
  // memory, that is at stake.
  double weight = 0;
  std::uint64_t blocks = 0;  // concerned
  std::uint64_t bytes = 0;
  std::uint64_t gain_bytes = 0;  // of the peak, or of what is copied
  std::uint64_t gain_calls = 0;
  std::uint64_t cost_bytes = 0;  // held beyond the present
  // What it was found in.
  std::optional<GrowthSite> growth;
  std::optional<ReuseResult> reuse;
  std::optional<LimitUse> limit;
  std::string scope;         // Escape: their name
  std::uint64_t scopes = 0;  // and how many there were
};

// Below these nothing is said; shares are of the peak of the heap, or of all
// allocations.
struct AdviceLimits {
  double leaked_share = 0.01;
  std::uint64_t leaked_bytes = 64 * 1024;
  double escaped_share = 0.05;
  double copied_share = 0.005;  // of all bytes allocated
  double called_share = 0.05;   // calls saved, temporary blocks
  std::uint64_t calls = 1000;
  double limit_share = 0.8;
  double holder_share = 0.25;
  double fragmentation = 0.25;
  std::uint64_t fragmented_bytes = 4 << 20;
};

// Heaviest first; all of them.
[[nodiscard]] std::vector<Advice> find_advice(
    const model::Profile& profile, const SiteTable& sites,
    const std::vector<LimitUse>& limits, const std::vector<GrowthSite>& growth,
    const Reuse& reuse, const AdviceLimits& least = {});

}  // namespace sagemem::analysis
