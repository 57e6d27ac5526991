// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "analysis/ranking.h"
#include "exports/tables.h"

namespace sagemem::exports {

Catalog::Catalog(const report::Subject& subject)
    : subject_(subject),
      samples_(find_samples(subject)),
      sites_(
          analysis::order_sites(subject.sites, analysis::Measure::PeakBytes)),
      categories_(analysis::rank_categories(subject.breakdown.table)) {
  site_ids_.resize(sites_.size());
  for (std::size_t i = 0; i < sites_.size(); ++i)
    site_ids_[static_cast<std::size_t>(sites_[i] -
                                       subject.sites.sites.data())] =
        static_cast<std::int64_t>(i + 1);
  category_ids_.resize(subject.breakdown.table.categories.size());
  for (std::size_t i = 0; i < categories_.size(); ++i)
    category_ids_[categories_[i]] = static_cast<std::int64_t>(i + 1);
  for (const Sample& sample : samples_)
    for (const symbolize::Location* place : sample.path)
      if (frame_ids_.try_emplace(place, 0).second) frames_.push_back(place);
  std::sort(frames_.begin(), frames_.end(),
            [](const auto* a, const auto* b) { return is_before(*a, *b); });
  for (std::size_t i = 0; i < frames_.size(); ++i)
    frame_ids_[frames_[i]] = static_cast<std::int64_t>(i + 1);
}

}  // namespace sagemem::exports
