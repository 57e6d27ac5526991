// SPDX-License-Identifier: Apache-2.0
//
// What was live at random moments of random programs, and what became of blocks
// between two, beside the same by going through every block.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "analysis/moments.h"
#include "question_case.h"

namespace {

using namespace sagemem;
using analysis::Moment;
using test::Case;
using test::Replayed;
using test::SlowAmount;
using test::SlowAmounts;
using test::SlowHistory;
using test::SlowLife;
using test::stack_of;

// The last step that is before it; -1: it is before all of them.  Absent: it
// never comes.
std::optional<std::ptrdiff_t> step_of(const Moment& moment, const Case& one,
                                      const SlowHistory& want) {
  const auto step_at = [&one](std::uint64_t ticks) {
    std::ptrdiff_t last = -1;
    for (const test::Step& step : one.steps)
      if (step.ticks <= ticks) ++last;
    return last;
  };
  switch (moment.kind) {
    case Moment::Kind::Time:
      // With what is found out at the end.
      if (moment.time_ns >= static_cast<std::int64_t>(one.steps.back().ticks))
        return static_cast<std::ptrdiff_t>(one.steps.size());
      return step_at(static_cast<std::uint64_t>(moment.time_ns));
    case Moment::Kind::End:
      return static_cast<std::ptrdiff_t>(one.steps.size());
    case Moment::Kind::Peak: {
      const auto peak = want.peak();
      if (!peak) return std::nullopt;
      return static_cast<std::ptrdiff_t>(*peak);
    }
    case Moment::Kind::ScopeBegin:
    case Moment::Kind::ScopeEnd:
      break;
  }
  const std::set<std::size_t> found = test::scopes_of(one, moment.scope);
  if (found.empty()) return std::nullopt;
  const test::SlowScope& scope = one.scopes.scopes[*found.begin()];
  if (moment.kind == Moment::Kind::ScopeBegin)
    return step_at(scope.begin_ticks);
  if (scope.ending == test::SlowEnding::Open) return std::nullopt;
  return step_at(scope.end_ticks);
}

SlowAmounts amounts_of(const SlowHistory& want,
                       const std::function<bool(const SlowLife&)>& holds) {
  SlowAmounts amounts;
  for (const SlowLife& life : want.lives) {
    if (!holds(life)) continue;
    amounts[life.stack].bytes += life.size;
    ++amounts[life.stack].blocks;
  }
  return amounts;
}

void compare_amounts(const model::Profile& profile,
                     const analysis::StackAmounts& got,
                     const analysis::Amount& total, const SlowAmounts& want) {
  SlowAmounts found;
  SlowAmount sum;
  for (model::StackId id = 0; id < got.size(); ++id) {
    if (got[id].blocks == 0) continue;
    found[stack_of(profile, id)] = {got[id].bytes, got[id].blocks};
    sum.bytes += got[id].bytes;
    sum.blocks += got[id].blocks;
  }
  REQUIRE(found == want);
  REQUIRE(total.bytes == sum.bytes);
  REQUIRE(total.blocks == sum.blocks);
}

Moment random_moment(const Case& one, test::Random& random) {
  Moment moment;
  moment.kind = static_cast<Moment::Kind>(random.below(5));
  moment.time_ns =
      static_cast<std::int64_t>(random.below(one.steps.back().ticks + 100));
  moment.scope = {"process", static_cast<std::int64_t>(random.below(3))};
  return moment;
}

bool is_live(const SlowLife& life, std::ptrdiff_t step) {
  return step >= 0 && life.is_live(static_cast<std::size_t>(step));
}

void compare_at(const Replayed& got, const Case& one, const SlowHistory& want,
                const Moment& moment) {
  const analysis::LiveAt live =
      analysis::find_live_at(moment, got.profile, got.replay);
  const auto step = step_of(moment, one, want);
  REQUIRE(live.is_there == step.has_value());
  if (!step) return;
  compare_amounts(got.profile, live.stacks, live.total,
                  amounts_of(want, [&](const SlowLife& life) {
                    return is_live(life, *step);
                  }));
}

void compare_between(const Replayed& got, const Case& one,
                     const SlowHistory& want, const Moment& from,
                     const Moment& to) {
  const analysis::Between found =
      analysis::find_between(from, to, got.profile, got.replay);
  const auto first = step_of(from, one, want);
  const auto second = step_of(to, one, want);
  REQUIRE(found.from.is_there == first.has_value());
  REQUIRE(found.to.is_there == second.has_value());
  if (!first || !second) return;
  if (*first > *second) {
    const auto lies_between = [&](std::size_t step) {
      const auto at = static_cast<std::ptrdiff_t>(step);
      return *second < at && at <= *first;
    };
    const bool has_changed = std::any_of(
        want.lives.begin(), want.lives.end(), [&](const SlowLife& life) {
          return lies_between(life.born) ||
                 (life.died && lies_between(*life.died));
        });
    REQUIRE(found.is_reversed == has_changed);
    return;
  }
  REQUIRE_FALSE(found.is_reversed);
  const auto is_born_between = [&](const SlowLife& life) {
    const auto born = static_cast<std::ptrdiff_t>(life.born);
    return *first < born && born <= *second;
  };
  compare_amounts(got.profile, found.kept, found.kept_total,
                  amounts_of(want, [&](const SlowLife& life) {
                    return is_born_between(life) && is_live(life, *second);
                  }));
  compare_amounts(got.profile, found.passed, found.passed_total,
                  amounts_of(want, [&](const SlowLife& life) {
                    return is_born_between(life) && !is_live(life, *second);
                  }));
  compare_amounts(got.profile, found.released, found.released_total,
                  amounts_of(want, [&](const SlowLife& life) {
                    return is_live(life, *first) && !is_live(life, *second);
                  }));
}

void check(std::uint64_t seed) {
  CAPTURE(seed);
  const Case one(seed);
  test::Random random(seed);
  const analysis::BlockQuery query =
      seed % 4 == 0 ? analysis::BlockQuery{} : test::random_query(one, random);
  Replayed got(one, query);
  const SlowHistory want = one.history.select(
      [&](const SlowLife& life) { return test::chooses(one, query, life); });
  for (int i = 0; i < 4; ++i) {
    const Moment from = random_moment(one, random);
    compare_at(got, one, want, from);
    compare_between(got, one, want, from, random_moment(one, random));
  }
}

}  // namespace

TEST_CASE("what is live at a moment is what the obvious way finds") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) check(seed);
}

TEST_CASE("moments as they are written") {
  const auto parse = analysis::parse_moment;
  CHECK(parse("peak")->kind == Moment::Kind::Peak);
  CHECK(parse("end")->kind == Moment::Kind::End);
  CHECK(parse("1.5 s")->time_ns == 1'500'000'000);
  CHECK(parse("250us")->kind == Moment::Kind::Time);
  const auto begin = parse("scope:a=b=-7:begin");
  REQUIRE(begin);
  CHECK(begin->kind == Moment::Kind::ScopeBegin);
  CHECK(begin->scope.rule == "a=b");
  CHECK(begin->scope.number == -7);
  CHECK(parse("scope:forest=12")->kind == Moment::Kind::ScopeEnd);
  for (const char* text : {"", "now", "1", "-1s", "1e30h", "scope:", "scope:a",
                           "scope:a=", "scope:a=1x", "scope:a=1:end"}) {
    CHECK_FALSE(parse(text));
  }
}
