// SPDX-License-Identifier: Apache-2.0
//
// Ten thousand random programs with nested, process-wide, abandoned and
// forgotten scopes, labels and notes, each replayed from its trace and compared
// in every number with the slow model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "model/replay.h"
#include "random_program.h"
#include "slow_scopes.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using model::Profile;
using model::Scope;
using model::ScopeEnding;
using test::SlowAmounts;
using test::SlowEnding;
using test::SlowScope;
using test::SlowScopes;
using test::Stack;

Stack stack_of(const Profile& profile, model::StackId id) {
  Stack stack;
  for (const model::Frame& frame : profile.stacks.frames(id)) {
    stack.push_back(frame.offset);
  }
  std::reverse(stack.begin(), stack.end());
  return stack;
}

test::SlowAmount sum(const SlowAmounts& amounts) {
  test::SlowAmount total;
  for (const auto& [stack, amount] : amounts) {
    total.bytes += amount.bytes;
    total.blocks += amount.blocks;
  }
  return total;
}

ScopeEnding ending_of(const SlowScope& scope) {
  switch (scope.ending) {
    case SlowEnding::Open:
      break;
    case SlowEnding::Closed:
      return ScopeEnding::Closed;
    case SlowEnding::Abandoned:
      return ScopeEnding::Abandoned;
    case SlowEnding::ByOuter:
      return ScopeEnding::ByOuter;
  }
  return ScopeEnding::Open;
}

void compare_scope(const Profile& profile, const Scope& got,
                   const SlowScope& want) {
  const model::ScopeProfile& scopes = profile.scopes;
  REQUIRE(scopes.rules[got.rule].number == want.rule);
  REQUIRE(profile.threads[got.thread].tid ==
          100 + static_cast<std::int32_t>(want.writer));
  REQUIRE((got.outer == model::kNoScope) == !want.outer.has_value());
  if (want.outer) REQUIRE(got.outer == *want.outer);
  REQUIRE(got.ending == ending_of(want));
  REQUIRE(got.begin_ns == static_cast<std::int64_t>(want.begin_ticks));
  REQUIRE(got.end_ns == static_cast<std::int64_t>(want.end_ticks));
  REQUIRE(got.peak_bytes == want.peak_bytes);
  REQUIRE(got.total_peak_bytes == want.total_peak_bytes);
  REQUIRE(got.allocated_bytes == want.allocated.bytes);
  REQUIRE(got.allocated_blocks == want.allocated.blocks);
  REQUIRE(got.live_bytes == want.live.bytes);
  REQUIRE(got.live_blocks == want.live.blocks);
  REQUIRE(got.escaped_bytes == sum(want.escaped).bytes);
  REQUIRE(got.escaped_blocks == sum(want.escaped).blocks);
  if (got.is_closed()) REQUIRE(got.floor_bytes == want.floor_bytes);
  std::map<std::string, std::int64_t> captured;
  for (const model::CapturedValue& value : scopes.captured_of(got)) {
    captured[scopes.keys[value.key]] = value.value;
  }
  REQUIRE(captured == want.captured);
  REQUIRE(got.has_number == want.captured.contains("number"));
  if (got.has_number) REQUIRE(got.number == want.captured.at("number"));
}

// By rule: what the scopes of each say together.
void compare_escapes(const Profile& profile, const SlowScopes& want) {
  std::map<std::uint64_t, SlowAmounts> escaped;
  std::map<std::uint64_t, SlowAmounts> never_released;
  for (const SlowScope& scope : want.scopes) {
    for (const auto& [stack, amount] : scope.escaped) {
      escaped[scope.rule][stack].bytes += amount.bytes;
      escaped[scope.rule][stack].blocks += amount.blocks;
    }
    for (const auto& [stack, amount] : scope.never_released) {
      never_released[scope.rule][stack].bytes += amount.bytes;
      never_released[scope.rule][stack].blocks += amount.blocks;
    }
  }
  std::map<std::uint64_t, SlowAmounts> got_escaped;
  std::map<std::uint64_t, SlowAmounts> got_never_released;
  for (const model::Escape& escape : profile.scopes.escapes) {
    const std::uint64_t rule = profile.scopes.rules[escape.owner].number;
    const Stack stack = stack_of(profile, escape.stack);
    got_escaped[rule][stack] = {escape.bytes, escape.blocks};
    if (escape.live_blocks == 0) continue;
    got_never_released[rule][stack] = {escape.live_bytes, escape.live_blocks};
  }
  REQUIRE(got_escaped == escaped);
  REQUIRE(got_never_released == never_released);
}

void compare_watched(const Profile& profile, const SlowScopes& want) {
  std::vector<SlowAmounts> peaks(want.scopes.size());
  std::vector<SlowAmounts> escaped(want.scopes.size());
  for (const model::ScopePeakUse& use : profile.scopes.scope_peaks) {
    peaks[use.scope][stack_of(profile, use.stack)] = {use.bytes, use.blocks};
  }
  for (const model::Escape& escape : profile.scopes.scope_escapes) {
    escaped[escape.owner][stack_of(profile, escape.stack)] = {escape.bytes,
                                                              escape.blocks};
  }
  for (std::size_t i = 0; i < want.scopes.size(); ++i) {
    REQUIRE(peaks[i] == want.scopes[i].at_peak);
    REQUIRE(escaped[i] == want.scopes[i].escaped);
  }
}

void compare_labels(const Profile& profile, const SlowScopes& want) {
  REQUIRE(profile.scopes.labels.size() == want.labels.size());
  for (const model::LabelUse& got : profile.scopes.labels) {
    const std::uint64_t rule = profile.scopes.rules[got.rule].number;
    const test::SlowLabel& label = want.labels.at({rule, got.value});
    REQUIRE(got.allocated_bytes == label.allocated.bytes);
    REQUIRE(got.allocated_blocks == label.allocated.blocks);
    REQUIRE(got.live_bytes == label.live.bytes);
    REQUIRE(got.live_blocks == label.live.blocks);
    REQUIRE(got.peak_bytes == label.at_peak.bytes);
    REQUIRE(got.peak_blocks == label.at_peak.blocks);
    REQUIRE(got.own_peak_bytes == label.own_peak_bytes);
  }
  // The stacks of a label add up to it.
  std::vector<std::uint64_t> peaks(profile.scopes.labels.size());
  std::vector<std::uint64_t> blocks(profile.scopes.labels.size());
  for (const model::LabelStackUse& use : profile.scopes.label_stacks) {
    peaks[use.label] += use.peak_bytes;
    blocks[use.label] += use.allocated_blocks;
  }
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    REQUIRE(peaks[i] == profile.scopes.labels[i].peak_bytes);
    REQUIRE(blocks[i] == profile.scopes.labels[i].allocated_blocks);
  }
}

void compare(const Profile& profile, const SlowScopes& want) {
  REQUIRE(profile.scopes.scopes.size() == want.scopes.size());
  for (std::size_t i = 0; i < want.scopes.size(); ++i) {
    compare_scope(profile, profile.scopes.scopes[i], want.scopes[i]);
  }
  REQUIRE(profile.scopes.unmatched_ends == want.unmatched_ends);
  REQUIRE(profile.scopes.unmatched_notes == want.unmatched_notes);
  REQUIRE(profile.scopes.too_deep == 0);
  compare_escapes(profile, want);
  compare_watched(profile, want);
  compare_labels(profile, want);
}

// Programs of all shapes from one number.
test::ProgramOptions shape(std::uint64_t seed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 20 + seed * 37 % 200;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 4);
  program.max_live = 1 + seed * 13 % 40;
  program.max_depth = 1 + seed % 6;
  program.branches = 1 + static_cast<unsigned>(seed % 4);
  program.has_unknown = seed % 4 == 0;
  program.has_scopes = true;
  return program;
}

void check(std::uint64_t seed) {
  CAPTURE(seed);
  const std::vector<test::Step> steps = test::make_program(shape(seed));
  test::BuilderOptions form;
  if (seed % 2 == 0) form.max_segment_bytes = 200;
  form.stamp_always = seed % 3 != 0;
  test::TraceBuilder trace(form);
  test::append_probes(trace);
  if (seed % 5 != 0) test::append_rules(trace, 0);
  append(steps, trace);
  // A rule may be described when all is over.
  if (seed % 5 == 0) test::append_rules(trace, steps.back().ticks);
  const std::vector<std::uint8_t> bytes = trace.bytes();
  const SlowScopes want = test::run_scopes_slowly(steps);
  model::ReplayOptions options;
  options.watched_scopes.resize(want.scopes.size());
  std::iota(options.watched_scopes.begin(), options.watched_scopes.end(), 0u);
  compare(model::replay(decode::TraceFile(decode::wrap_bytes(bytes)), options),
          want);
}

}  // namespace

TEST_CASE("10000 random programs with scopes, against the slow model") {
  const std::uint64_t part = GENERATE(range(0u, 10u));
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) check(1000 * part + seed);
}
