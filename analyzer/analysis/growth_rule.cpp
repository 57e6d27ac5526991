// SPDX-License-Identifier: Apache-2.0
#include "analysis/growth_rule.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace sagemem::analysis {
namespace {

// Wrappers round up to 8 or 16 bytes.
constexpr std::uint64_t kRounding = 16;
// Of small sizes less is the same.
constexpr std::uint64_t kSmallPart = 8;
// Factors this close are one: integers of elements make them differ.
constexpr double kSameFactor = 1.05;
constexpr double kMostSteps = 0.8;
// Sizes in a damaged trace may be anything.
constexpr double kLargest = 1e18;
// Elements of this size at the most are taken for likely.
constexpr std::uint64_t kLikelyUnit = 1024;
constexpr std::uint64_t kLeastUnit = 4;
constexpr std::uint64_t kLeastCount = 10;

struct Value {
  double value;
  std::uint64_t weight;
};

double rounding_of(double size) {
  return std::min(static_cast<double>(kRounding),
                  size / static_cast<double>(kSmallPart));
}

// The values that most steps have, within a tolerance.
struct Cluster {
  double low = 0;
  double high = 0;
  double common = 0;  // the value with the greatest weight of all
  std::uint64_t weight = 0;
};

template <typename Limit>
Cluster find_cluster(std::vector<Value>& values, const Limit& limit) {
  std::sort(values.begin(), values.end(),
            [](const Value& a, const Value& b) { return a.value < b.value; });
  Cluster best;
  std::size_t begin = 0;
  std::uint64_t weight = 0;
  for (std::size_t end = 0; end < values.size(); ++end) {
    weight += values[end].weight;
    while (values[end].value > limit(values[begin].value)) {
      weight -= values[begin++].weight;
    }
    if (weight <= best.weight) continue;
    best = {values[begin].value, values[end].value, 0, weight};
  }
  std::map<double, std::uint64_t> weights;
  for (const Value& one : values) {
    if (one.value >= best.low && one.value <= best.high) {
      weights[one.value] += one.weight;
    }
  }
  std::uint64_t most = 0;
  for (const auto& [value, share] : weights) {
    if (share <= most) continue;
    most = share;
    best.common = value;
  }
  return best;
}

// What people write: 64, 10 000, and where the sizes bear it out 50 or 2000.
std::set<std::uint64_t> likely_counts(std::uint64_t increment,
                                      bool is_certain) {
  std::set<std::uint64_t> counts;
  const auto add = [&](std::uint64_t count, std::uint64_t base) {
    for (; count <= increment / kLeastUnit; count *= base) {
      if (count >= kLeastCount && increment % count == 0) counts.insert(count);
    }
  };
  add(2, 2);
  add(10, 10);
  if (is_certain) add(20, 10);
  if (is_certain) add(50, 10);
  return counts;
}

bool is_from_one_size(const StepCounts& steps) {
  const auto least = static_cast<double>(steps.begin()->first.first);
  const auto most = static_cast<double>(steps.rbegin()->first.first);
  return most - least <= rounding_of(least);
}

}  // namespace

GrowthPattern find_pattern(const StepCounts& steps) {
  GrowthPattern pattern;
  if (steps.empty()) return pattern;
  std::vector<Value> increments;
  std::vector<Value> factors;
  std::uint64_t total = 0;
  for (const auto& [sizes, count] : steps) {
    const auto before = static_cast<double>(sizes.first);
    const auto after = static_cast<double>(sizes.second);
    increments.push_back({after - before, count});
    if (before > 0) factors.push_back({after / before, count});
    total += count;
  }
  const Cluster fixed = find_cluster(
      increments, [](double low) { return low + rounding_of(low); });
  const Cluster geometric =
      find_cluster(factors, [](double low) { return low * kSameFactor; });
  pattern.increment =
      static_cast<std::uint64_t>(std::min(fixed.common, kLargest));
  pattern.factor = geometric.common;
  const double least = kMostSteps * static_cast<double>(total);
  const bool is_fixed = static_cast<double>(fixed.weight) >= least;
  const bool is_geometric = static_cast<double>(geometric.weight) >= least;
  if (is_from_one_size(steps)) {
    pattern.rule = GrowthRule::Once;
  } else if (is_fixed && is_geometric) {
    // From sizes that differ little both may hold: the tighter one does.
    const double spread = (fixed.high - fixed.low) / fixed.high;
    const double other =
        (geometric.high - geometric.low) / (geometric.high - 1);
    pattern.rule = spread <= other ? GrowthRule::Fixed : GrowthRule::Geometric;
  } else if (is_fixed) {
    pattern.rule = GrowthRule::Fixed;
  } else if (is_geometric) {
    pattern.rule = GrowthRule::Geometric;
  }
  return pattern;
}

Elements find_elements(std::uint64_t increment, const StepCounts& steps) {
  std::set<std::uint64_t> sizes;
  for (const auto& [step, count] : steps) {
    sizes.insert(step.first);
    sizes.insert(step.second);
  }
  const auto fits = [&](std::uint64_t unit) {
    const std::uint64_t rounding = std::min(kRounding, unit / 2);
    return std::all_of(sizes.begin(), sizes.end(), [=](std::uint64_t size) {
      const std::uint64_t rest = size % unit;
      return rest == 0 || rest < rounding;
    });
  };
  // The increment itself says nothing of its elements where all sizes are
  // multiples of it.
  const bool is_certain = increment > 0 && !fits(increment);
  for (const std::uint64_t count : likely_counts(increment, is_certain)) {
    const std::uint64_t unit = increment / count;
    if (!fits(unit) || (!is_certain && unit > kLikelyUnit)) continue;
    return {count, unit, is_certain};
  }
  return {};
}

}  // namespace sagemem::analysis
