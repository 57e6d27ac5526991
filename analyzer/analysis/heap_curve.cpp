// SPDX-License-Identifier: Apache-2.0
#include "analysis/heap_curve.h"

#include <algorithm>

namespace sagemem::analysis {

std::vector<std::uint64_t> heap_curve(const model::Profile& profile,
                                      std::size_t columns) {
  std::vector<std::uint64_t> curve(columns, 0);
  if (columns == 0 || profile.timeline.empty()) return curve;
  const double span = static_cast<double>(std::max(
      {profile.duration_ns, profile.timeline.back().time_ns, std::int64_t{1}}));
  const auto column_of = [&](std::int64_t time_ns) {
    const double at = static_cast<double>(std::max<std::int64_t>(time_ns, 0)) /
                      span * static_cast<double>(columns);
    return std::min(static_cast<std::size_t>(at), columns - 1);
  };
  // A point speaks for the time since the one before it.
  std::size_t first = 0;
  for (const model::TimePoint& point : profile.timeline) {
    const std::size_t last = column_of(point.time_ns);
    for (std::size_t i = std::min(first, last); i <= last; ++i)
      curve[i] = std::max(curve[i], point.max_bytes);
    first = last;
  }
  // Nothing changed after the last event.
  for (std::size_t i = first + 1; i < columns; ++i)
    curve[i] = profile.leaked_bytes;
  return curve;
}

}  // namespace sagemem::analysis
