// SPDX-License-Identifier: Apache-2.0
//
// A straight line through points, some of which may be far off: the Theil-Sen
// estimator, the median of the slopes of all pairs, with the interval that
// Sen (1968) gives for it at 95 %.  A third of the points can be anything
// without moving it much.
//
// The pairs of a million points are too many: at most kMaxPoints are taken,
// chosen by the caller or by thin().
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace sagemem::analysis {

struct Point {
  double x = 0;
  double y = 0;
};

struct Line {
  double intercept = 0;
  double slope = 0;
  double slope_low = 0;  // 95 %
  double slope_high = 0;

  [[nodiscard]] double at(double x) const { return intercept + slope * x; }
  // No line that goes up or down: zero is in the interval.
  [[nodiscard]] bool is_flat() const {
    return slope_low <= 0 && slope_high >= 0;
  }
};

inline constexpr std::size_t kMaxPoints = 400;

// Nothing for fewer than three points or two different x.
[[nodiscard]] std::optional<Line> fit_line(const std::vector<Point>& points);

// At most kMaxPoints, each the median of as many neighbours; for points in the
// order of their x.
[[nodiscard]] std::vector<Point> thin(const std::vector<Point>& points);

// The element that `share` of the others are below; of no values 0.
[[nodiscard]] double quantile(std::vector<double> values, double share);

}  // namespace sagemem::analysis
