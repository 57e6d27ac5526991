// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <string>

#include "analysis/exactness.h"
#include "analysis/heap_curve.h"
#include "analysis/size_classes.h"

using namespace sagemem;
using namespace sagemem::analysis;

TEST_CASE("size classes run from the smallest used to the largest") {
  model::Profile profile;
  CHECK(size_classes(profile).empty());
  profile.sizes[0] = {.allocations = 1, .bytes = 0};
  profile.sizes[2] = {.allocations = 5, .bytes = 13};
  const auto classes = size_classes(profile);
  REQUIRE(classes.size() == 3);
  CHECK(classes[0].low == 0);
  CHECK(classes[0].high == 0);
  CHECK(classes[1].low == 1);
  CHECK(classes[1].high == 1);
  CHECK(classes[2].low == 2);
  CHECK(classes[2].high == 3);
  CHECK(classes[2].allocations == 5);
  CHECK(classes[2].bytes == 13);
}

TEST_CASE("the largest size has a class") {
  model::Profile profile;
  profile.sizes[64] = {.allocations = 1,
                       .bytes = std::numeric_limits<std::uint64_t>::max()};
  const auto classes = size_classes(profile);
  REQUIRE(classes.size() == 1);
  CHECK(classes[0].low == std::uint64_t{1} << 63);
  CHECK(classes[0].high == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("coarse size classes cover every bucket once") {
  model::Profile profile;
  for (auto& bucket : profile.sizes) bucket = {.allocations = 1, .bytes = 1};
  const auto classes = coarse_size_classes(profile);
  REQUIRE(classes.size() == 8);
  std::uint64_t allocations = 0;
  std::uint64_t next = 0;
  for (const SizeClass& one : classes) {
    CHECK(one.low == next);
    next = one.high + 1;
    allocations += one.allocations;
  }
  CHECK(next == 0);  // behind the largest number there is
  CHECK(allocations == profile.sizes.size());
}

TEST_CASE("the curve keeps the peak in however few columns") {
  model::Profile profile;
  profile.duration_ns = 1000;
  for (int i = 1; i <= 100; ++i)
    profile.timeline.push_back(
        {.time_ns = i * 10, .max_bytes = i == 37 ? 5000u : 10u});
  for (const std::size_t columns : {1u, 2u, 7u, 80u, 500u}) {
    const auto curve = heap_curve(profile, columns);
    REQUIRE(curve.size() == columns);
    CHECK(*std::max_element(curve.begin(), curve.end()) == 5000);
  }
  CHECK(heap_curve(profile, 0).empty());
}

TEST_CASE("a long pause shows what was live meanwhile") {
  model::Profile profile;
  profile.duration_ns = 100;
  profile.leaked_bytes = 3;
  profile.timeline = {{.time_ns = 10, .max_bytes = 7},
                      {.time_ns = 60, .max_bytes = 9}};
  const auto curve = heap_curve(profile, 10);
  CHECK(curve == std::vector<std::uint64_t>{7, 9, 9, 9, 9, 9, 9, 3, 3, 3});
}

TEST_CASE("a curve of times that make no sense does not crash") {
  model::Profile profile;
  profile.duration_ns = -5;
  profile.timeline = {
      {.time_ns = -100, .max_bytes = 1},
      {.time_ns = std::numeric_limits<std::int64_t>::max(), .max_bytes = 2},
      {.time_ns = 3, .max_bytes = 3}};
  CHECK(heap_curve(profile, 20).size() == 20);
}

TEST_CASE("every loss and notice has a key of its own") {
  model::Profile profile;
  std::set<std::string> keys;
  std::size_t notices = 0;
  std::size_t losses = 0;
  for (const Reservation& one : all_reservations(profile)) {
    CHECK(keys.insert(one.key).second);
    notices += one.source == Source::Notice ? 1 : 0;
    losses += one.source == Source::Loss ? 1 : 0;
  }
  CHECK(notices == trace::kNoticeCount);
  CHECK(losses == trace::kLossCount + 1);  // those of the segments
  CHECK(reservations(profile).empty());
}

TEST_CASE("what was lost adds up") {
  model::Profile profile;
  for (std::size_t i = 0; i < trace::kLossCount; ++i)
    profile.header.losses[i] = i + 1;
  profile.writer_losses = 100;
  std::uint64_t sum = 0;
  for (const Reservation& one : reservations(profile)) {
    CHECK(one.weight == Weight::Loss);
    sum += one.count;
  }
  CHECK(sum == profile.lost_events());
}

TEST_CASE("the reason to stop is said with its errno") {
  model::Profile profile;
  CHECK(stop_text(profile).empty());
  profile.header.stop_reason =
      static_cast<std::uint32_t>(trace::StopReason::NoSpace);
  profile.header.stop_errno = 28;
  CHECK(stop_text(profile) ==
        "the trace could not grow: No space left on device");
  profile.header.stop_errno = -28;
  CHECK(stop_text(profile) == "the trace could not grow");
  profile.header.stop_reason = 1000;
  CHECK_FALSE(stop_text(profile).empty());
}
