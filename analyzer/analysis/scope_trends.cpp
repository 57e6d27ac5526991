// SPDX-License-Identifier: Apache-2.0
#include "analysis/scope_trends.h"

#include <algorithm>
#include <cmath>

namespace sagemem::analysis {
namespace {

using model::Scope;
using model::ScopeId;
using model::ScopeProfile;

constexpr std::size_t kLeastLarge = 3;
constexpr std::size_t kLeastScopes = 8;
// Below these a peak is no outlier, however steady the others are.
constexpr double kLeastFactor = 1.5;
constexpr double kDeviations = 5;
constexpr double kSigmaOfMad = 1.4826;

struct Sized {
  ScopeId scope;
  double size;
  double peak;
  double allocated;
};

std::vector<Sized> sized_scopes(const ScopeProfile& profile,
                                const ScopeGroup& group,
                                const std::string& key) {
  std::vector<Sized> result;
  for (const ScopeId id : group.scopes) {
    const Scope& scope = profile.scopes[id];
    const auto size = captured_value(profile, scope, key);
    if (!size || !scope.is_closed()) continue;
    result.push_back({id, static_cast<double>(*size),
                      static_cast<double>(scope.peak_bytes),
                      static_cast<double>(scope.allocated_bytes)});
  }
  std::sort(result.begin(), result.end(), [](const Sized& a, const Sized& b) {
    return a.size != b.size ? a.size < b.size : a.scope < b.scope;
  });
  return result;
}

// Half of them the largest, which decide what fits; the others evenly spread.
std::vector<Sized> choose_points(const std::vector<Sized>& sorted) {
  if (sorted.size() <= kMaxPoints) return sorted;
  std::vector<Sized> result;
  const std::size_t largest = kMaxPoints / 2;
  const std::size_t rest = sorted.size() - largest;
  for (std::size_t i = 0; i < kMaxPoints - largest; ++i) {
    result.push_back(sorted[i * rest / (kMaxPoints - largest)]);
  }
  result.insert(result.end(),
                sorted.end() - static_cast<std::ptrdiff_t>(largest),
                sorted.end());
  return result;
}

// Kendall's tau: how surely the larger one has the higher peak, -1 to 1.
double agreement(const std::vector<Sized>& points) {
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      const double product =
          (points[j].size - points[i].size) * (points[j].peak - points[i].peak);
      sum += product > 0 ? 1 : (product < 0 ? -1 : 0);
      pairs += 1;
    }
  }
  return pairs > 0 ? sum / pairs : 0;
}

std::optional<Line> fit(const std::vector<Sized>& points,
                        double Sized::*figure) {
  std::vector<Point> plain;
  plain.reserve(points.size());
  for (const Sized& one : points) plain.push_back({one.size, one.*figure});
  return fit_line(plain);
}

void find_outliers(CostModel& model, const std::vector<Sized>& sized) {
  std::vector<double> factors;
  std::vector<double> deviations;
  for (const Sized& one : sized) {
    factors.push_back(one.peak / model.peak_at(one.size));
    deviations.push_back(std::abs(one.peak - model.peak.at(one.size)));
  }
  model.low_factor = quantile(factors, 0.05);
  model.high_factor = quantile(factors, 0.95);
  const std::size_t large =
      std::min(std::max(kLeastLarge, sized.size() / 10), sized.size());
  const auto [low, high] = std::minmax_element(
      factors.end() - static_cast<std::ptrdiff_t>(large), factors.end());
  model.large_low_factor = *low;
  model.large_high_factor = *high;
  const double sigma = kSigmaOfMad * quantile(deviations, 0.5);
  for (std::size_t i = 0; i < sized.size(); ++i) {
    const double excess = sized[i].peak - model.peak.at(sized[i].size);
    if (factors[i] < kLeastFactor || excess <= kDeviations * sigma) continue;
    model.outliers.push_back({sized[i].scope, factors[i]});
  }
  std::sort(model.outliers.begin(), model.outliers.end(),
            [](const ScopeOutlier& a, const ScopeOutlier& b) {
              return a.factor != b.factor ? a.factor > b.factor
                                          : a.scope < b.scope;
            });
}

std::optional<CostModel> fit_model(const ScopeProfile& profile,
                                   const ScopeGroup& group,
                                   const std::string& key) {
  const std::vector<Sized> sized = sized_scopes(profile, group, key);
  if (sized.size() < kLeastScopes) return std::nullopt;
  const std::vector<Sized> points = choose_points(sized);
  const auto peak = fit(points, &Sized::peak);
  const auto allocated = fit(points, &Sized::allocated);
  if (!peak || !allocated || peak->slope_low <= 0) return std::nullopt;
  CostModel model;
  model.key = key;
  model.scopes = sized.size();
  model.peak = *peak;
  model.allocated = *allocated;
  model.largest_size = sized.back().size;
  std::vector<double> other;
  for (const Sized& one : points) {
    const Scope& scope = profile.scopes[one.scope];
    other.push_back(static_cast<double>(scope.total_peak_bytes) -
                    static_cast<double>(scope.peak_bytes));
  }
  model.other_bytes = quantile(std::move(other), 0.5);
  find_outliers(model, sized);
  return model;
}

}  // namespace

std::optional<ScopeDrift> find_drift(const ScopeProfile& profile,
                                     const ScopeGroup& group) {
  std::vector<Point> floors;
  std::vector<Point> resident;
  for (const ScopeId id : group.scopes) {
    const Scope& scope = profile.scopes[id];
    if (!scope.is_closed()) continue;
    const auto x = static_cast<double>(floors.size());
    floors.push_back({x, static_cast<double>(scope.floor_bytes)});
    if (scope.resident_bytes == 0) continue;
    resident.push_back({x, static_cast<double>(scope.resident_bytes)});
  }
  if (floors.size() < kLeastScopes) return std::nullopt;
  const auto floor = fit_line(thin(floors));
  if (!floor) return std::nullopt;
  ScopeDrift drift;
  drift.scopes = floors.size();
  drift.floor = *floor;
  if (resident.size() >= kLeastScopes)
    drift.resident = fit_line(thin(resident));
  return drift;
}

double CostModel::peak_at(double size) const {
  // A line that starts below zero says nothing of the smallest.
  return std::max(peak.at(size), 1.0);
}

std::optional<double> CostModel::size_within(double bytes) const {
  const double peak_bytes =
      (bytes - other_bytes) / std::max(large_high_factor, 1.0);
  const double room = peak_bytes - peak.intercept;
  if (room <= 0 || peak.slope <= 0) return std::nullopt;
  return room / peak.slope;
}

std::optional<CostModel> find_cost_model(const ScopeProfile& profile,
                                         const ScopeGroup& group,
                                         const std::string& key) {
  if (!key.empty()) return fit_model(profile, group, key);
  std::string best;
  double most = 0;
  for (const std::string& name : captured_keys(profile, group)) {
    const double tau =
        agreement(choose_points(sized_scopes(profile, group, name)));
    if (tau <= most) continue;
    most = tau;
    best = name;
  }
  if (best.empty()) return std::nullopt;
  return fit_model(profile, group, best);
}

}  // namespace sagemem::analysis
