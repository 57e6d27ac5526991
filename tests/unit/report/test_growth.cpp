// SPDX-License-Identifier: Apache-2.0
//
// Ladders of realloc: random programs against a slow model that writes down
// every ladder in full, and the rules by which blocks grow.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "analysis/growth.h"
#include "analysis/growth_rule.h"
#include "model/replay.h"
#include "random_program.h"
#include "text_trace.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using analysis::GrowthRule;
using analysis::GrowthSite;
using analysis::StepCounts;
using test::Stack;
using trace::Kind;

struct Rung {
  std::uint64_t size;
  bool has_moved;
  Stack stack;
};
using Rungs = std::vector<Rung>;  // the first is the block before

struct SlowLadders {
  std::map<std::uint64_t, Rungs> live;  // by address
  std::map<std::uint32_t, std::pair<std::uint64_t, std::optional<Rungs>>>
      moving;  // by writer
  std::vector<Rungs> ended;

  void apply(const test::Step& step) {
    switch (step.kind) {
      case Kind::Alloc:
        live[step.address] = {{step.size, false, step.stack}};
        break;
      case Kind::Free:
        end(take(step.address));
        break;
      case Kind::ReallocBegin:
        moving[step.writer] = {step.address, take(step.address)};
        break;
      case Kind::ReallocEnd:
        end_realloc(step);
        break;
      default:
        break;
    }
  }

  std::optional<Rungs> take(std::uint64_t address) {
    const auto found = live.find(address);
    if (found == live.end()) return std::nullopt;
    std::optional<Rungs> rungs = found->second;
    live.erase(found);
    return rungs;
  }

  void end(const std::optional<Rungs>& rungs) {
    if (rungs) ended.push_back(*rungs);
  }

  void end_realloc(const test::Step& step) {
    auto [old_address, rungs] = moving[step.writer];
    moving.erase(step.writer);
    if (step.address == 0 && step.size != 0) {
      if (rungs) live[old_address] = *rungs;
    } else if (step.address == 0) {
      end(rungs);
    } else {
      if (!rungs) rungs.emplace();
      rungs->push_back({step.size, step.address != old_address, step.stack});
      live[step.address] = *rungs;
    }
  }
};

struct SlowSite {
  std::uint64_t ladders = 0;
  std::uint64_t steps = 0;
  std::uint64_t moves = 0;
  std::uint64_t copied = 0;
  std::uint64_t requested = 0;
  std::vector<std::uint64_t> firsts;
  std::vector<std::uint64_t> lasts;
  std::uint64_t calls[2] = {0, 0};
  std::uint64_t other_copied[2] = {0, 0};
};

void climb_otherwise(SlowSite& site, const Rungs& rungs, int which) {
  const double factor = which == 0 ? 1.5 : 2;
  std::uint64_t capacity = rungs.front().size;
  for (std::size_t i = 1; i < rungs.size(); ++i) {
    const std::uint64_t need = rungs[i].size;
    if (need < rungs[i - 1].size) capacity = need;
    if (need <= capacity) continue;
    ++site.calls[which];
    site.other_copied[which] += capacity;
    const double grown = std::ceil(static_cast<double>(capacity) * factor);
    capacity = std::max(need, static_cast<std::uint64_t>(grown));
  }
}

void sum_up(std::map<Stack, SlowSite>& sites, Rungs rungs) {
  // What comes before the first growth is its first size.
  while (rungs.size() > 1 && rungs[1].size <= rungs[0].size) {
    rungs.erase(rungs.begin());
  }
  if (rungs.size() < 2) return;
  SlowSite& site = sites[rungs[1].stack];
  ++site.ladders;
  site.firsts.push_back(rungs[0].size);
  std::uint64_t most = rungs[0].size;
  for (std::size_t i = 1; i < rungs.size(); ++i) {
    if (rungs[i].size <= rungs[i - 1].size) continue;
    ++site.steps;
    site.requested += rungs[i].size;
    most = std::max(most, rungs[i].size);
    if (!rungs[i].has_moved) continue;
    ++site.moves;
    site.copied += rungs[i - 1].size;
  }
  site.lasts.push_back(most);
  for (int which = 0; which < 2; ++which) climb_otherwise(site, rungs, which);
}

void compare(const GrowthSite& got, SlowSite& want) {
  REQUIRE(got.ladders == want.ladders);
  REQUIRE(got.steps == want.steps);
  REQUIRE(got.moves == want.moves);
  REQUIRE(got.bytes_copied == want.copied);
  REQUIRE(got.bytes_requested == want.requested);
  std::sort(want.firsts.begin(), want.firsts.end());
  std::sort(want.lasts.begin(), want.lasts.end());
  REQUIRE(got.first.least() == want.firsts.front());
  REQUIRE(got.first.most() == want.firsts.back());
  REQUIRE(got.last.least() == want.lasts.front());
  REQUIRE(got.last.most() == want.lasts.back());
  REQUIRE(got.last.quantile(0.5) == want.lasts[(want.lasts.size() - 1) / 2]);
  for (std::size_t which = 0; which < 2; ++which) {
    REQUIRE(got.factors[which].calls == want.calls[which]);
    REQUIRE(got.factors[which].bytes_copied == want.other_copied[which]);
  }
}

// Every stack is a site of its own.
std::vector<GrowthSite> find(const std::vector<std::uint8_t>& bytes,
                             std::vector<Stack>& stacks) {
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  const model::Profile profile = model::replay(file);
  static const symbolize::Location nowhere;
  analysis::SiteTable sites;
  for (model::StackId id = 0; id < profile.stacks.size(); ++id) {
    Stack stack;
    for (const model::Frame& frame : profile.stacks.frames(id)) {
      stack.insert(stack.begin(), frame.offset);
    }
    stacks.push_back(stack);
    sites.sites.push_back({&nowhere, {}, {}});
    sites.site_of_stack.push_back(id);
  }
  return analysis::find_growth(
      sites, [&](const auto& again) { return model::replay(file, again); });
}

StepCounts steps(std::initializer_list<std::uint64_t> sizes) {
  StepCounts result;
  for (const auto* size = sizes.begin(); size + 1 != sizes.end(); ++size) {
    ++result[{size[0], size[1]}];
  }
  return result;
}

}  // namespace

TEST_CASE("ladders of 1000 random programs, against the slow model") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    test::ProgramOptions program;
    program.seed = seed;
    program.steps = 30 + seed * 37 % 300;
    program.threads = 1 + static_cast<std::uint32_t>(seed % 5);
    program.max_live = 1 + seed * 13 % 12;
    program.max_depth = 1 + seed % 2;
    const std::vector<test::Step> all = test::make_program(program);
    SlowLadders slow;
    for (const test::Step& step : all) slow.apply(step);
    for (auto& [writer, move] : slow.moving) slow.end(move.second);
    for (auto& [address, rungs] : slow.live) slow.end(rungs);
    std::map<Stack, SlowSite> want;
    for (const Rungs& rungs : slow.ended) sum_up(want, rungs);

    test::TraceBuilder trace;
    append(all, trace);
    std::vector<Stack> stacks;
    const std::vector<GrowthSite> got = find(trace.bytes(), stacks);
    REQUIRE(got.size() == want.size());
    for (const GrowthSite& site : got) {
      REQUIRE(want.contains(stacks[site.site]));
      compare(site, want[stacks[site.site]]);
    }
    REQUIRE(std::is_sorted(got.begin(), got.end(),
                           [](const GrowthSite& a, const GrowthSite& b) {
                             return a.bytes_copied > b.bytes_copied;
                           }));
  }
}

TEST_CASE("an increment is told from a factor") {
  const auto rule = [](const StepCounts& steps) {
    return analysis::find_pattern(steps).rule;
  };
  CHECK(rule(steps({100, 200, 300, 400})) == GrowthRule::Fixed);
  CHECK(rule(steps({100, 200, 400, 800})) == GrowthRule::Geometric);
  CHECK(rule(steps({16, 24, 36, 54, 81, 122})) == GrowthRule::Geometric);
  CHECK(rule(steps({100, 250, 260, 900, 905})) == GrowthRule::Irregular);
  CHECK(rule(steps({100, 200})) == GrowthRule::Once);
  CHECK(rule({}) == GrowthRule::Irregular);
  // Rounded up by a wrapper.
  CHECK(rule(steps({1000, 2008, 3008, 4016})) == GrowthRule::Fixed);
  // Single steps of many blocks, from sizes that differ little.
  CHECK(rule({{{4000000, 8240000}, 3}, {{4100000, 8340000}, 9}}) ==
        GrowthRule::Fixed);
  CHECK(rule({{{4000, 8000}, 3}, {{4100, 8200}, 9}}) == GrowthRule::Geometric);
  // One in five may be otherwise.
  CHECK(rule({{{100, 200}, 1}, {{5000, 6000}, 2}, {{7000, 8000}, 2}}) ==
        GrowthRule::Fixed);
  CHECK(analysis::find_pattern(steps({8, 88, 168})).increment == 80);
  CHECK(analysis::find_pattern(steps({8, 16, 32})).factor == 2);
}

TEST_CASE("an increment is so many elements of a size") {
  const auto elements = [](std::uint64_t increment, const StepCounts& steps) {
    return analysis::find_elements(increment, steps);
  };
  // 424 bytes each, from 12 345 and 10 001 of them.
  const StepCounts galaxies{{{12345 * 424, 22345 * 424}, 2},
                            {{10001 * 424, 20001 * 424}, 1}};
  const analysis::Elements found = elements(10000 * 424, galaxies);
  CHECK(found.count == 10000);
  CHECK(found.unit == 424);
  CHECK(found.is_certain);
  CHECK(elements(50 * 72, {{{7 * 72, 57 * 72}, 1}}).count == 50);
  // Nothing but multiples of the increment: a guess.
  const analysis::Elements guess =
      elements(10000 * 424, steps({10000 * 424, 20000 * 424, 30000 * 424}));
  CHECK(guess.count == 10000);
  CHECK(guess.unit == 424);
  CHECK_FALSE(guess.is_certain);
  CHECK(elements(64 * 48, {{{48 * 3, 48 * 67}, 1}}).count == 64);
  // An odd number of bytes.
  CHECK(elements(1237, steps({5, 1242, 2479})).count == 0);
}

TEST_CASE("sizes are counted, and rounded where there are too many") {
  analysis::SizeCounts sizes;
  for (std::uint64_t i = 1; i <= 100; ++i) sizes.add(i * 10);
  CHECK(sizes.least() == 10);
  CHECK(sizes.most() == 1000);
  CHECK(sizes.quantile(0.5) == 500);
  CHECK(sizes.quantile(0.9) == 900);
  analysis::SizeCounts many;
  for (std::uint64_t i = 0; i < 100000; ++i) many.add(1000000 + i * 997);
  CHECK(many.counts().size() < 3 * analysis::SizeCounts::kMost);
  CHECK(many.most() == 1000000 + 99999 * 997);
  const double middle = static_cast<double>(many.quantile(0.5));
  CHECK(middle >= 1000000 + 49999 * 997.0);
  CHECK(middle <= 1.01 * (1000000 + 50000 * 997.0));
}
