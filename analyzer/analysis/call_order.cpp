// SPDX-License-Identifier: Apache-2.0
#include "analysis/call_order.h"

#include <iterator>

namespace sagemem::analysis {

CallOrder::CallOrder(const model::Profile& profile, const SiteTable& sites)
    : profile_(profile) {
  for (const SiteFrame& site : sites.frame_of_stack) {
    if (site.location == nullptr || site.location->function.empty()) continue;
    places_[{site.location->module, site.location->function}].insert(
        place(site));
  }
}

std::uint64_t CallOrder::place(const SiteFrame& site) const {
  if (site.location->line != 0) return site.location->line;
  return profile_.stacks.frame(site.stack).offset;
}

std::uint32_t CallOrder::number(const SiteFrame& site) const {
  const auto found =
      places_.find({site.location->module, site.location->function});
  if (found == places_.end()) return 0;
  const auto& places = found->second;
  return static_cast<std::uint32_t>(
      std::distance(places.begin(), places.upper_bound(place(site))));
}

}  // namespace sagemem::analysis
