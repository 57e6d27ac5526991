// SPDX-License-Identifier: Apache-2.0
//
// Thousands of random programs, each replayed from its trace and compared in
// every number with the slow model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "model/replay.h"
#include "random_program.h"
#include "slow_model.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using model::Profile;
using model::StackId;
using test::SlowModel;
using test::SlowUse;
using test::Stack;

Stack stack_of(const Profile& profile, StackId id) {
  Stack stack;
  for (const model::Frame& frame : profile.stacks.frames(id)) {
    stack.push_back(frame.offset);
  }
  std::reverse(stack.begin(), stack.end());
  return stack;
}

void compare_use(const model::StackUse& got, const SlowUse& want) {
  REQUIRE(got.allocations == want.allocations);
  REQUIRE(got.bytes_allocated == want.bytes_allocated);
  REQUIRE(got.temporary == want.temporary);
  REQUIRE(got.peak_bytes == want.peak_bytes);
  REQUIRE(got.peak_blocks == want.peak_blocks);
  REQUIRE(got.own_peak_bytes == want.own_peak_bytes);
  REQUIRE(got.live_bytes == want.live_bytes);
  REQUIRE(got.live_blocks == want.live_blocks);
}

void compare_stacks(const Profile& profile, const SlowModel& want) {
  REQUIRE(profile.uses.size() == profile.stacks.size());
  std::size_t used = 0;
  for (StackId id = 0; id < profile.uses.size(); ++id) {
    const auto found = want.uses.find(stack_of(profile, id));
    if (found == want.uses.end()) {
      compare_use(profile.uses[id], SlowUse{});
    } else {
      compare_use(profile.uses[id], found->second);
      ++used;
    }
  }
  REQUIRE(used == want.uses.size());
}

void compare_threads(const Profile& profile, SlowModel& want) {
  for (const model::Thread& thread : profile.threads) {
    const auto writer = static_cast<std::uint32_t>(thread.tid - 100);
    REQUIRE(thread.allocations == want.allocations_by_writer[writer]);
    REQUIRE(thread.releases == want.releases_by_writer[writer]);
  }
}

void compare(const Profile& profile, SlowModel& want) {
  REQUIRE(profile.totals.allocations == want.allocations);
  REQUIRE(profile.totals.releases == want.releases);
  REQUIRE(profile.totals.bytes_allocated == want.bytes_allocated);
  REQUIRE(profile.totals.bytes_released == want.bytes_released);
  REQUIRE(profile.totals.reallocations == want.reallocations);
  REQUIRE(profile.totals.failed == want.failed);
  REQUIRE(profile.totals.temporary == want.temporary);
  REQUIRE(profile.anomalies.unknown_releases == want.unknown_releases);
  REQUIRE(profile.anomalies.duplicate_blocks == 0);
  REQUIRE(profile.peak.bytes == want.peak_bytes);
  REQUIRE(profile.peak.blocks == want.peak_blocks);
  REQUIRE(profile.peak.time_ns == static_cast<std::int64_t>(want.peak_ticks));
  REQUIRE(profile.leaked_bytes == want.live_bytes);
  REQUIRE(profile.leaked_blocks == want.live_blocks);
  for (std::size_t width = 0; width < want.sizes.size(); ++width) {
    REQUIRE(profile.sizes[width].allocations == want.sizes[width]);
  }
  std::uint64_t highest = 0;
  for (const model::TimePoint& point : profile.timeline) {
    highest = std::max(highest, point.max_bytes);
  }
  REQUIRE(highest == want.peak_bytes);
  compare_stacks(profile, want);
  compare_threads(profile, want);
}

// Programs of all shapes from one number.
test::ProgramOptions shape(std::uint64_t seed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 20 + seed * 37 % 600;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 7);
  program.max_live = 1 + seed * 13 % 90;
  program.max_depth = 1 + seed % 12;
  program.branches = 1 + static_cast<unsigned>(seed % 5);
  program.has_unknown = seed % 4 == 0;
  return program;
}

test::BuilderOptions form(std::uint64_t seed) {
  test::BuilderOptions options;
  if (seed % 2 == 0) {
    options.max_segment_bytes =
        20 + static_cast<std::uint32_t>(seed * 29 % 3000);
  }
  options.use_recent = seed % 3 != 0;
  options.use_frame_cache = seed % 5 != 0;
  options.stamp_always = seed % 7 != 0;
  options.seal_last = seed % 11 != 0;
  return options;
}

}  // namespace

TEST_CASE("3000 random programs, against the slow model") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    const std::vector<test::Step> steps = test::make_program(shape(seed));
    test::TraceBuilder trace(form(seed));
    append(steps, trace);
    const std::vector<std::uint8_t> bytes = trace.bytes();
    SlowModel want = test::run_slowly(steps);
    compare(model::replay(decode::TraceFile(decode::wrap_bytes(bytes))), want);
  }
}

TEST_CASE("long random programs, against the slow model") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    test::ProgramOptions program = shape(seed);
    program.steps = 200000;
    program.threads = 1 + static_cast<std::uint32_t>(seed) * 8;
    program.max_live = 3000;
    program.max_depth = 6;
    const std::vector<test::Step> steps = test::make_program(program);
    test::TraceBuilder trace;
    append(steps, trace);
    const std::vector<std::uint8_t> bytes = trace.bytes();
    SlowModel want = test::run_slowly(steps);
    compare(model::replay(decode::TraceFile(decode::wrap_bytes(bytes))), want);
  }
}
