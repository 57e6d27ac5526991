// SPDX-License-Identifier: Apache-2.0
//
// Lines through scattered points, drifts and costs that are known.
#include <catch2/catch.hpp>
#include <vector>

#include "analysis/scope_trends.h"

using namespace sagemem;
using analysis::Point;

namespace {

// Scopes of one rule with a captured size each.
struct Run {
  model::ScopeProfile profile;

  Run() {
    profile.rules.resize(1);
    profile.rules[0].name = "forest";
    profile.keys = {"number", "nhalos"};
  }

  void add(std::int64_t halos, std::uint64_t peak, std::uint64_t floor) {
    model::Scope scope;
    scope.ending = model::ScopeEnding::Closed;
    scope.first_captured = profile.captured.size();
    scope.captured = 2;
    scope.peak_bytes = peak;
    scope.allocated_bytes = 2 * peak;
    scope.total_peak_bytes = peak + 1000;
    scope.floor_bytes = floor;
    scope.resident_bytes = 5000 + 3 * profile.scopes.size();
    const auto number = static_cast<std::int64_t>(profile.scopes.size());
    profile.captured.push_back({0, number});
    profile.captured.push_back({1, halos});
    profile.scopes.push_back(scope);
  }
};

}  // namespace

TEST_CASE("a line through points, a fifth of which lie") {
  std::vector<Point> points;
  for (int i = 0; i < 50; ++i) {
    points.push_back({double(i), 7.0 + 3.0 * i});
    if (i % 5 == 0) points.back().y = 1e6;
  }
  const auto line = analysis::fit_line(points);
  REQUIRE(line);
  CHECK(line->slope == Approx(3.0));
  CHECK(line->intercept == Approx(7.0));
  CHECK_FALSE(line->is_flat());
}

TEST_CASE("too few points, and points above each other, make no line") {
  CHECK_FALSE(analysis::fit_line({{0, 1}, {1, 2}}));
  CHECK_FALSE(analysis::fit_line({{1, 1}, {1, 2}, {1, 3}}));
  CHECK(analysis::quantile({}, 0.5) == 0);
}

TEST_CASE("many points become medians of neighbours") {
  std::vector<Point> points;
  for (int i = 0; i < 100'000; ++i) points.push_back({double(i), 2.0 * i});
  const std::vector<Point> thin = analysis::thin(points);
  CHECK(thin.size() == analysis::kMaxPoints);
  CHECK(analysis::fit_line(thin)->slope == Approx(2.0));
}

TEST_CASE("a floor that goes up and down does not drift") {
  Run run;
  for (std::uint64_t i = 0; i < 200; ++i) {
    run.add(100, 10, 1000 + i * 7919 % 101);
  }
  const auto groups = analysis::group_scopes(run.profile);
  const auto drift = analysis::find_drift(run.profile, groups.at(0));
  REQUIRE(drift);
  CHECK(drift->floor.is_flat());
  REQUIRE(drift->resident);
  CHECK(drift->resident->slope == Approx(3.0));
}

TEST_CASE("a leak in every tenth scope is a drift") {
  Run run;
  std::uint64_t floor = 1000;
  for (std::uint64_t i = 0; i < 500; ++i) {
    if (i % 10 == 0) floor += 640;
    run.add(100, 10, floor + i * 7919 % 101);
  }
  const auto groups = analysis::group_scopes(run.profile);
  const auto drift = analysis::find_drift(run.profile, groups.at(0));
  REQUIRE(drift);
  CHECK_FALSE(drift->floor.is_flat());
  CHECK(drift->floor.slope == Approx(64).margin(1));
  CHECK(drift->floor.slope_low > 60);
}

TEST_CASE("the cost of a scope, and the one that costs too much") {
  Run run;
  for (int i = 1; i <= 100; ++i) {
    const auto fair = static_cast<std::uint64_t>(500 + 104 * i);
    run.add(i, i == 70 ? 4 * fair : fair, 0);
  }
  const auto groups = analysis::group_scopes(run.profile);
  const auto cost = analysis::find_cost_model(run.profile, groups.at(0));
  REQUIRE(cost);
  CHECK(cost->key == "nhalos");
  CHECK(cost->peak.slope == Approx(104));
  CHECK(cost->allocated.slope == Approx(208));
  CHECK(cost->peak_at(1000) == Approx(104'500));
  CHECK(cost->other_bytes == Approx(1000));
  REQUIRE(cost->outliers.size() == 1);
  CHECK(cost->outliers[0].scope == 69);
  CHECK(cost->outliers[0].factor == Approx(4));
  CHECK(*cost->size_within(1000 + 500 + 104 * 777) == Approx(777));
  CHECK_FALSE(cost->size_within(1000));
  CHECK_FALSE(analysis::find_cost_model(run.profile, groups.at(0), "other"));
}

TEST_CASE("scopes in the order that was asked for") {
  Run run;
  run.add(5, 10, 3);
  run.add(5, 30, 1);
  run.add(5, 20, 2);
  run.profile.scopes[1].number = 7;
  const auto order = [&](const char* name) {
    return analysis::order_scopes(run.profile, {0, 1, 2},
                                  *analysis::find_order(name));
  };
  using Ids = std::vector<model::ScopeId>;
  CHECK(order("peak") == Ids{1, 2, 0});
  CHECK(order("floor") == Ids{0, 2, 1});
  CHECK(order("number") == Ids{0, 2, 1});
  CHECK(order("time") == Ids{0, 1, 2});
  CHECK_FALSE(analysis::find_order("name"));
}
