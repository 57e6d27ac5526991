// SPDX-License-Identifier: Apache-2.0
//
// Which sites matter most, by the number that a question asks for.
//
// The order is total: equal numbers are ordered by name, file, line and module,
// stacks by the names of their frames.  Ids follow from the order of events,
// which threads and address randomisation change from run to run; they decide
// nothing here.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/sites.h"

namespace sagemem::analysis {

enum class Measure {
  PeakBytes,       // who held the peak
  LiveBytes,       // what was never released
  Temporary,       // who allocates for a moment only
  BytesAllocated,  // who allocates most
};

[[nodiscard]] std::uint64_t measure(const model::StackUse& use, Measure by);

// All sites, largest number first.
[[nodiscard]] std::vector<const Site*> order_sites(const SiteTable& table,
                                                   Measure by);

// The same without those that have no part in it.
[[nodiscard]] std::vector<const Site*> rank_sites(const SiteTable& table,
                                                  Measure by);

// The stacks of one site that have a part in it, largest first.
[[nodiscard]] std::vector<model::StackId> rank_stacks(
    const model::Profile& profile, symbolize::Symbolizer& symbols,
    const Site& site, Measure by);

}  // namespace sagemem::analysis
