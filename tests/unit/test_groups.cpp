// SPDX-License-Identifier: Apache-2.0
//
// What groups of stacks held over time, against the slow model: random programs
// whose stacks are in random groups, in none or in several.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <span>
#include <vector>

#include "model/replay.h"
#include "random_program.h"
#include "slow_model.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::Stack;

constexpr std::uint32_t kGroups = 5;

struct Most {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t bytes_ticks = 0;
  std::uint64_t blocks_ticks = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t live_blocks = 0;
};

// Any rule does, as long as the same stack gets the same answer.
std::vector<std::uint32_t> groups_of(const Stack& stack, std::uint64_t seed) {
  std::uint64_t sum = seed;
  for (const std::uint64_t pc : stack) sum = sum * 31 + pc;
  std::vector<std::uint32_t> groups;
  for (std::uint32_t group = 0; group < kGroups; ++group) {
    if (test::Random(sum + group).chance(30)) groups.push_back(group);
  }
  return groups;
}

model::StackGroups make_groups(const model::Profile& profile,
                               std::uint64_t seed) {
  model::StackGroups result;
  for (model::StackId id = 0; id < profile.stacks.size(); ++id) {
    Stack stack;
    for (const model::Frame& frame : profile.stacks.frames(id)) {
      stack.push_back(frame.offset);
    }
    std::reverse(stack.begin(), stack.end());
    result.append(groups_of(stack, seed));
  }
  return result;
}

// Says the same of each stack when it comes.
class Grouper : public model::StackGrouper {
 public:
  explicit Grouper(std::uint64_t seed) : seed_(seed) {}

  void start(const model::StackTree& stacks,
             const std::vector<model::Module>&) override {
    stacks_ = &stacks;
  }
  void group(model::StackId id, std::vector<std::uint32_t>& groups) override {
    Stack stack;
    for (const model::Frame& frame : stacks_->frames(id))
      stack.push_back(frame.offset);
    std::reverse(stack.begin(), stack.end());
    for (const std::uint32_t group : groups_of(stack, seed_))
      groups.push_back(group);
  }

 private:
  std::uint64_t seed_;
  const model::StackTree* stacks_ = nullptr;
};

// Groups in which there was never a block may be left out.
void compare(const std::vector<model::GroupUse>& groups,
             const std::vector<Most>& want) {
  REQUIRE(groups.size() <= kGroups);
  for (std::uint32_t group = 0; group < kGroups; ++group) {
    CAPTURE(group);
    const model::GroupUse got =
        group < groups.size() ? groups[group] : model::GroupUse{};
    REQUIRE(got.most_bytes == want[group].bytes);
    REQUIRE(got.most_blocks == want[group].blocks);
    REQUIRE(got.most_bytes_ns ==
            static_cast<std::int64_t>(want[group].bytes_ticks));
    REQUIRE(got.most_blocks_ns ==
            static_cast<std::int64_t>(want[group].blocks_ticks));
    REQUIRE(got.live_bytes == want[group].live_bytes);
    REQUIRE(got.live_blocks == want[group].live_blocks);
  }
}

std::vector<Most> count_slowly(const std::vector<test::Step>& steps,
                               std::uint64_t seed) {
  std::vector<Most> most(kGroups);
  const auto sum_up = [&](const test::SlowModel& model) {
    for (Most& one : most) one.live_bytes = one.live_blocks = 0;
    for (const auto& [stack, use] : model.uses) {
      for (const std::uint32_t group : groups_of(stack, seed)) {
        most[group].live_bytes += use.live_bytes;
        most[group].live_blocks += use.live_blocks;
      }
    }
  };
  const auto after_step = [&](const test::Step& step,
                              const test::SlowModel& model) {
    sum_up(model);
    for (Most& one : most) {
      if (one.live_bytes > one.bytes) {
        one.bytes = one.live_bytes;
        one.bytes_ticks = step.ticks;
      }
      if (one.live_blocks > one.blocks) {
        one.blocks = one.live_blocks;
        one.blocks_ticks = step.ticks;
      }
    }
  };
  sum_up(test::run_slowly(steps, after_step));
  return most;
}

}  // namespace

TEST_CASE("groups of stacks in 400 random programs, against the slow model") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    test::ProgramOptions program;
    program.seed = seed;
    program.steps = 20 + seed * 37 % 180;
    program.threads = 1 + static_cast<std::uint32_t>(seed % 4);
    program.max_live = 1 + seed * 13 % 40;
    program.max_depth = 1 + seed % 4;
    program.has_unknown = seed % 4 == 0;
    const auto steps = test::make_program(program);
    test::TraceBuilder trace;
    append(steps, trace);
    const std::vector<std::uint8_t> bytes = trace.bytes();
    const decode::TraceFile file(decode::wrap_bytes(bytes));
    const model::StackGroups groups = make_groups(model::replay(file), seed);
    model::ReplayOptions options;
    options.groups = &groups;
    options.group_count = kGroups;
    const model::Profile profile = model::replay(file, options);
    const std::vector<Most> want = count_slowly(steps, seed);
    REQUIRE(profile.groups.size() == kGroups);
    compare(profile.groups, want);
    Grouper grouper(seed);
    model::ReplayOptions asking;
    asking.grouper = &grouper;
    asking.threads = seed % 2 == 0 ? model::Threads::One : model::Threads::Two;
    compare(model::replay(file, asking).groups, want);
  }
}

TEST_CASE("a stack that came later belongs to no group") {
  model::StackGroups groups;
  const std::uint32_t all[] = {0, 1};
  groups.append({});
  groups.append(all);
  CHECK(groups.of(0).empty());
  CHECK(groups.of(1).size() == 2);
  CHECK(groups.of(2).empty());
  CHECK(model::StackGroups().of(0).empty());
}

TEST_CASE("the scope that did it, where time does not tell") {
  using trace::RuleUse;
  test::TraceBuilder trace;
  trace.scope_rule(0, {1, RuleUse::Scope, 0, "forest", {{"number", false}}});
  trace.scope_rule(0, {2, RuleUse::Scope, 0, "snapshot", {}});
  const auto forest = [&trace](std::int64_t number, std::uint64_t blocks) {
    const auto base = 0x1000 * static_cast<std::uint64_t>(number + 1);
    trace.scope_begin(1, 5, 1, {number});
    for (std::uint64_t i = 0; i < blocks; ++i)
      trace.alloc(1, 5, 10, base + 16 * i, {0x400000});
    trace.scope_begin(1, 5, 2);
    trace.alloc(1, 5, 100, base + 0x800, {0x400000});
    trace.free(1, 5, base + 0x800);
    trace.scope_end(1, 5, 2);
    for (std::uint64_t i = 0; i < blocks; ++i) trace.free(1, 5, base + 16 * i);
    trace.scope_end(1, 5, 1);
  };
  trace.alloc(1, 5, 7, 0x500000, {0x400000});
  forest(0, 2);
  forest(1, 4);
  forest(2, 4);
  const std::vector<std::uint8_t> bytes = trace.bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  model::StackGroups groups;
  const std::uint32_t all = 0;
  groups.append({});
  groups.append(std::span(&all, 1));
  model::ReplayOptions options;
  options.groups = &groups;
  options.group_count = 1;
  const model::Profile profile = model::replay(file, options);
  const model::GroupUse& use = profile.groups.front();
  CHECK(use.most_blocks == 6);
  const auto& scopes = profile.scopes.scopes;
  REQUIRE(use.most_blocks_scope < scopes.size());
  const model::Scope& snapshot = scopes[use.most_blocks_scope];
  CHECK(profile.scopes.rules[snapshot.rule].name == "snapshot");
  REQUIRE(snapshot.outer < scopes.size());
  CHECK(scopes[snapshot.outer].number == 1);
  CHECK(use.most_bytes_scope == use.most_blocks_scope);
}
