// SPDX-License-Identifier: Apache-2.0
#include "analysis/robust_line.h"

#include <algorithm>
#include <cmath>

namespace sagemem::analysis {
namespace {

constexpr double kTwoSided95 = 1.959964;

// How far from the middle of the sorted slopes the ends of the interval are.
double interval_width(std::size_t points) {
  const auto n = static_cast<double>(points);
  return kTwoSided95 * std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

double element(const std::vector<double>& sorted, double index) {
  const double last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::clamp(index, 0.0, last))];
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  if (values.size() % 2 != 0) return values[half];
  return (values[half - 1] + values[half]) / 2;
}

}  // namespace

std::optional<Line> fit_line(const std::vector<Point>& points) {
  if (points.size() < 3) return std::nullopt;
  std::vector<double> slopes;
  slopes.reserve(points.size() * (points.size() - 1) / 2);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      const double step = points[j].x - points[i].x;
      if (step != 0) slopes.push_back((points[j].y - points[i].y) / step);
    }
  }
  if (slopes.empty()) return std::nullopt;
  std::sort(slopes.begin(), slopes.end());
  const auto count = static_cast<double>(slopes.size());
  const double width = interval_width(points.size());
  Line line;
  line.slope = median(slopes);
  line.slope_low = element(slopes, std::floor((count - width) / 2));
  line.slope_high = element(slopes, std::ceil((count + width) / 2));
  std::vector<double> intercepts;
  intercepts.reserve(points.size());
  for (const Point& point : points) {
    intercepts.push_back(point.y - line.slope * point.x);
  }
  line.intercept = median(std::move(intercepts));
  return line;
}

std::vector<Point> thin(const std::vector<Point>& points) {
  if (points.size() <= kMaxPoints) return points;
  std::vector<Point> result;
  result.reserve(kMaxPoints);
  for (std::size_t i = 0; i < kMaxPoints; ++i) {
    const std::size_t first = i * points.size() / kMaxPoints;
    const std::size_t last = (i + 1) * points.size() / kMaxPoints;
    std::vector<double> xs;
    std::vector<double> ys;
    for (std::size_t j = first; j < last; ++j) {
      xs.push_back(points[j].x);
      ys.push_back(points[j].y);
    }
    result.push_back({median(std::move(xs)), median(std::move(ys))});
  }
  return result;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return element(values,
                 std::round(share * static_cast<double>(values.size() - 1)));
}

}  // namespace sagemem::analysis
