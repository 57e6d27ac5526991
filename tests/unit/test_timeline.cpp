// SPDX-License-Identifier: Apache-2.0
//
// Heap over time: few points, none of them wrong.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "model/resident_samples.h"
#include "model/timeline.h"
#include "random_program.h"

namespace {

using namespace sagemem;
using model::ResidentSamples;
using model::Timeline;
using model::TimePoint;

struct Level {
  std::uint64_t ticks;
  std::uint64_t bytes;
};

std::vector<TimePoint> run(const std::vector<Level>& levels,
                           std::uint64_t end) {
  Timeline timeline(0);
  std::uint64_t live = 0;
  for (const Level& level : levels) {
    timeline.advance(level.ticks, live);
    live = level.bytes;
    timeline.raise(live);
  }
  timeline.advance(end, live);
  return timeline.finish(decode::TickClock(), end);
}

std::vector<std::uint64_t> column(const std::vector<TimePoint>& points,
                                  std::uint64_t TimePoint::*field) {
  std::vector<std::uint64_t> result(points.size());
  std::transform(points.begin(), points.end(), result.begin(),
                 [&](const TimePoint& point) { return point.*field; });
  return result;
}

// The highest level in (from, to], from the levels themselves.
std::uint64_t highest(const std::vector<Level>& levels, std::uint64_t from,
                      std::uint64_t to) {
  std::uint64_t result = 0;
  std::uint64_t before = 0;
  for (const Level& level : levels) {
    if (level.ticks < from) before = level.bytes;
    if (level.ticks >= from && level.ticks < to) {
      result = std::max(result, level.bytes);
    }
  }
  return std::max(result, before);
}

}  // namespace

TEST_CASE("few events are kept as they are") {
  const std::vector<TimePoint> points = run({{1, 10}, {2, 5}, {4, 7}}, 5);
  // The level at the start of an interval counts: 10 is held until tick 2.
  CHECK(column(points, &TimePoint::max_bytes) ==
        std::vector<std::uint64_t>{0, 10, 10, 5, 7, 7});
}

TEST_CASE("points are merged, and each is the maximum of its interval") {
  const std::uint64_t length = GENERATE(2000u, 123457u, 10000000u);
  test::Random random(length);
  std::vector<Level> levels;
  for (std::uint64_t ticks = 1; ticks < length;
       ticks += 1 + random.below(length / 500)) {
    levels.push_back({ticks, random.below(1000)});
  }
  const std::vector<TimePoint> points = run(levels, length);
  REQUIRE(points.size() <= model::kMaxTimeline);
  REQUIRE(points.size() > model::kMaxTimeline / 2);
  std::uint64_t from = 0;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const auto to = static_cast<std::uint64_t>(points[i].time_ns);
    REQUIRE(points[i].max_bytes == highest(levels, from, to));
    from = to;
  }
  CHECK(points.back().time_ns == static_cast<std::int64_t>(length));
}

TEST_CASE("the end of 64-bit time") {
  const std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  const std::vector<TimePoint> points =
      run({{1, 10}, {end - 1, 20}, {end, 30}, {end, 40}}, end);
  CHECK(points.size() <= model::kMaxTimeline);
  CHECK(points.back().max_bytes == 40);
  CHECK(points.front().max_bytes == 10);
}

TEST_CASE("time that steps back does no harm") {
  const std::vector<TimePoint> points =
      run({{500, 10}, {3, 20}, {600, 5}}, 700);
  CHECK(points.back().max_bytes == 5);
  CHECK(std::any_of(points.begin(), points.end(), [](const TimePoint& point) {
    return point.max_bytes == 20;
  }));
}

TEST_CASE("resident samples are carried on") {
  Timeline timeline(0);
  timeline.sample_resident(100);
  timeline.advance(3, 0);
  timeline.sample_resident(200);
  timeline.advance(5, 0);
  const std::vector<TimePoint> points = timeline.finish(decode::TickClock(), 5);
  CHECK(column(points, &TimePoint::resident_bytes) ==
        std::vector<std::uint64_t>{100, 100, 100, 200, 200, 200});
}

TEST_CASE("the resident sample nearest to the peak") {
  ResidentSamples samples;
  CHECK(samples.nearest(0, 0).bytes == 0);
  samples.add({10, 100}, 0);
  CHECK(samples.nearest(1, 12).bytes == 100);  // none after the peak
  samples.add({20, 200}, 1);
  CHECK(samples.nearest(1, 12).bytes == 100);
  CHECK(samples.nearest(1, 18).bytes == 200);
  samples.add({30, 300}, 1);
  CHECK(samples.nearest(1, 18).bytes == 200);
  CHECK(samples.nearest(2, 35).bytes == 300);
}

TEST_CASE("the first sample may come after the peak") {
  ResidentSamples samples;
  samples.add({10, 100}, 5);
  CHECK(samples.nearest(5, 2).bytes == 100);
}
