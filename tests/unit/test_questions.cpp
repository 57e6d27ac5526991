// SPDX-License-Identifier: Apache-2.0
//
// Two thousand random programs with threads, realloc and scopes: what each
// question says of all blocks, and of blocks that a filter chooses, beside the
// same answer by going through every block at every step.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/group_use.h"
#include "analysis/lifetimes.h"
#include "analysis/size_use.h"
#include "analysis/thread_use.h"
#include "question_case.h"

namespace {

using namespace sagemem;
using test::Case;
using test::function_of;
using test::is_wrapper;
using test::module_of;
using test::Replayed;
using test::site_of;
using test::SlowAmount;
using test::SlowHistory;
using test::SlowLife;
using test::Stack;
using test::stack_of;

// ------------------------------------------------------- the whole, by stacks

void compare_totals(const model::Profile& profile, const SlowHistory& want) {
  model::Totals totals;
  for (const SlowLife& life : want.lives) {
    ++totals.allocations;
    totals.bytes_allocated += life.size;
    if (life.is_from_realloc) ++totals.reallocations;
    if (life.is_temporary) ++totals.temporary;
    if (!life.died) continue;
    ++totals.releases;
    totals.bytes_released += life.size;
  }
  CHECK(profile.totals.allocations == totals.allocations);
  CHECK(profile.totals.bytes_allocated == totals.bytes_allocated);
  CHECK(profile.totals.reallocations == totals.reallocations);
  CHECK(profile.totals.temporary == totals.temporary);
  CHECK(profile.totals.releases == totals.releases);
  CHECK(profile.totals.bytes_released == totals.bytes_released);
  const SlowAmount left = want.live(want.steps);
  CHECK(profile.leaked_bytes == left.bytes);
  CHECK(profile.leaked_blocks == left.blocks);
  const auto peak = want.peak();
  const SlowAmount most = peak ? want.live(*peak) : SlowAmount{};
  CHECK(profile.peak.bytes == most.bytes);
  CHECK(profile.peak.blocks == most.blocks);
}

void compare_stacks(const model::Profile& profile, const SlowHistory& want) {
  const auto peak = want.peak();
  std::map<Stack, model::StackUse> uses;
  for (const SlowLife& life : want.lives) {
    model::StackUse& use = uses[life.stack];
    ++use.allocations;
    use.bytes_allocated += life.size;
    if (life.is_temporary) ++use.temporary;
    if (peak && life.is_live(*peak)) {
      use.peak_bytes += life.size;
      ++use.peak_blocks;
    }
    if (life.is_live(want.steps)) {
      use.live_bytes += life.size;
      ++use.live_blocks;
    }
  }
  for (model::StackId id = 0; id < profile.uses.size(); ++id) {
    const model::StackUse& got = profile.uses[id];
    const model::StackUse& one = uses[stack_of(profile, id)];
    REQUIRE(got.allocations == one.allocations);
    REQUIRE(got.bytes_allocated == one.bytes_allocated);
    REQUIRE(got.temporary == one.temporary);
    REQUIRE(got.peak_bytes == one.peak_bytes);
    REQUIRE(got.peak_blocks == one.peak_blocks);
    REQUIRE(got.live_bytes == one.live_bytes);
    REQUIRE(got.live_blocks == one.live_blocks);
  }
}

// What each scope held at most, of the chosen blocks.
void compare_scopes(const model::Profile& profile, const Case& one,
                    const SlowHistory& want) {
  for (std::size_t i = 0; i < one.scopes.scopes.size(); ++i) {
    const test::SlowScope& scope = one.scopes.scopes[i];
    const SlowHistory mine = want.select(
        [i](const SlowLife& life) { return life.scopes.contains(i); });
    std::uint64_t most = 0;
    for (std::size_t step = 0; step < want.steps; ++step) {
      const std::uint64_t ticks = one.steps[step].ticks;
      if (ticks < scope.begin_ticks || ticks > scope.end_ticks) continue;
      most = std::max(most, mine.live(step).bytes);
    }
    REQUIRE(profile.scopes.scopes[i].peak_bytes == most);
    REQUIRE(profile.scopes.scopes[i].allocated_blocks == mine.lives.size());
  }
}

// ----------------------------------------------------------------- questions

// The step of the highest point of all.
using Peak = std::optional<std::size_t>;

// What some blocks add up to, by the obvious way.
analysis::Held hold(const SlowHistory& mine, Peak peak) {
  analysis::Held held;
  for (const SlowLife& life : mine.lives) {
    ++held.allocations;
    held.bytes_allocated += life.size;
  }
  for (std::size_t step = 0; step < mine.steps; ++step) {
    const SlowAmount live = mine.live(step);
    held.most_bytes = std::max(held.most_bytes, live.bytes);
    held.most_blocks = std::max(held.most_blocks, live.blocks);
  }
  const SlowAmount at_peak = peak ? mine.live(*peak) : SlowAmount{};
  held.peak_bytes = at_peak.bytes;
  held.peak_blocks = at_peak.blocks;
  held.live_bytes = mine.live(mine.steps).bytes;
  held.live_blocks = mine.live(mine.steps).blocks;
  return held;
}

void compare_held(const analysis::Held& got, const analysis::Held& want) {
  REQUIRE(got.allocations == want.allocations);
  REQUIRE(got.bytes_allocated == want.bytes_allocated);
  REQUIRE(got.live_bytes == want.live_bytes);
  REQUIRE(got.live_blocks == want.live_blocks);
  REQUIRE(got.most_bytes == want.most_bytes);
  REQUIRE(got.most_blocks == want.most_blocks);
  REQUIRE(got.peak_bytes == want.peak_bytes);
  REQUIRE(got.peak_blocks == want.peak_blocks);
}

std::uint32_t writer_of(const model::Profile& profile, std::uint32_t thread) {
  return static_cast<std::uint32_t>(profile.threads[thread].tid - 100);
}

void compare_threads(const Replayed& got, const SlowHistory& want) {
  const Peak peak = want.peak();
  std::set<std::uint32_t> seen;
  for (const analysis::ThreadUse& use :
       analysis::find_thread_uses(got.profile, got.replay)) {
    const std::uint32_t writer = writer_of(got.profile, use.thread);
    seen.insert(writer);
    const SlowHistory mine = want.select(
        [=](const SlowLife& life) { return life.writer == writer; });
    compare_held(use.held, hold(mine, peak));
    std::uint64_t by_others = 0;
    std::uint64_t for_others = 0;
    for (const SlowLife& life : want.lives) {
      if (!life.freed_by || *life.freed_by == life.writer) continue;
      if (life.writer == writer) ++by_others;
      if (*life.freed_by == writer) ++for_others;
    }
    REQUIRE(use.released_by_others == by_others);
    REQUIRE(use.released_for_others == for_others);
  }
  for (const SlowLife& life : want.lives) REQUIRE(seen.contains(life.writer));
}

void compare_sizes(const Replayed& got, const SlowHistory& want) {
  const Peak peak = want.peak();
  const analysis::SizeTable table = analysis::find_size_uses(got.replay);
  std::uint64_t in_classes = 0;
  std::uint64_t distinct = 0;
  const auto check = [&](const analysis::SizeUse& use) {
    const SlowHistory mine = want.select([&](const SlowLife& life) {
      return use.low <= life.size && life.size <= use.high;
    });
    compare_held(use.held, hold(mine, peak));
    return use.held.allocations;
  };
  for (const analysis::SizeUse& use : table.classes) in_classes += check(use);
  for (const analysis::SizeUse& use : table.distinct) distinct += check(use);
  REQUIRE(in_classes == want.lives.size());
  REQUIRE(distinct == want.lives.size());
  REQUIRE(table.uncounted == 0);
}

analysis::Lifetimes live_slowly(const SlowHistory& want,
                                const SlowHistory& mine) {
  analysis::Lifetimes lives;
  for (const SlowLife& life : mine.lives) {
    if (!life.died) {
      lives.unreleased.add(life.size);
      continue;
    }
    // Of a realloc that never returned nobody knows when it went.
    const std::uint64_t end =
        life.freed_by ? life.died_ticks : want.lives.back().born_ticks;
    std::size_t time = 0;
    for (std::uint64_t ns = end - life.born_ticks;
         time + 1 < analysis::Lifetimes::kTimes &&
         ns >= analysis::Lifetimes::time_end_ns(time);) {
      ++time;
    }
    std::uint64_t meanwhile = 0;
    for (const SlowLife& other : want.lives) {
      if (other.born > life.born && other.born < *life.died)
        meanwhile += other.size;
    }
    std::size_t bytes = 0;
    while (bytes + 1 < analysis::Lifetimes::kBytes &&
           meanwhile >= analysis::Lifetimes::bytes_end(bytes)) {
      ++bytes;
    }
    if (life.freed_by) lives.by_time[time].add(life.size);
    lives.by_bytes[bytes].add(life.size);
  }
  return lives;
}

void compare_lifetimes(const Replayed& got, const SlowHistory& want) {
  const analysis::LifetimeTable table =
      analysis::find_lifetimes(got.sites, true, got.replay);
  const auto compare = [&](const analysis::Lifetimes& lives,
                           const SlowHistory& mine) {
    const bool is_whole =
        std::all_of(mine.lives.begin(), mine.lives.end(),
                    [](const auto& one) { return !one.died || one.freed_by; });
    const analysis::Lifetimes slow = live_slowly(want, mine);
    for (std::size_t i = 0; i < slow.by_bytes.size(); ++i) {
      REQUIRE(lives.by_bytes[i].blocks == slow.by_bytes[i].blocks);
      REQUIRE(lives.by_bytes[i].bytes == slow.by_bytes[i].bytes);
    }
    for (std::size_t i = 0; is_whole && i < slow.by_time.size(); ++i)
      REQUIRE(lives.by_time[i].blocks == slow.by_time[i].blocks);
    REQUIRE(lives.unreleased.blocks == slow.unreleased.blocks);
    REQUIRE(lives.unreleased.bytes == slow.unreleased.bytes);
  };
  compare(table.all, want);
  for (std::size_t i = 0; i < table.sites.size(); ++i) {
    compare(table.sites[i], want.select([&](const SlowLife& life) {
      for (const model::StackId id : got.sites.sites[i].stacks)
        if (stack_of(got.profile, id) == life.stack) return true;
      return false;
    }));
  }
}

void compare_modules(const Replayed& got, const SlowHistory& want) {
  const Peak peak = want.peak();
  std::uint64_t sum = 0;
  for (const analysis::ModuleUse& use :
       analysis::find_module_uses(got.profile, got.sites, got.replay)) {
    const SlowHistory mine = want.select([&](const SlowLife& life) {
      return (life.stack.empty() ? "" : module_of(site_of(life.stack))) ==
             use.module;
    });
    const analysis::Held held = hold(mine, peak);
    REQUIRE(use.use.allocations == held.allocations);
    REQUIRE(use.use.peak_bytes == held.peak_bytes);
    REQUIRE(use.use.live_blocks == held.live_blocks);
    REQUIRE(use.over_time.most_bytes == held.most_bytes);
    sum += held.allocations;
  }
  REQUIRE(sum == want.lives.size());
}

// Whether a wrapper of the name stands between the allocation and the site.
bool comes_through(const Stack& stack, const std::string& function) {
  for (std::size_t i = stack.size(); i-- > 0;) {
    if (!is_wrapper(stack[i])) return false;
    // A stack of nothing else has its outermost frame as its site.
    if (i == 0) return false;
    if (function_of(stack[i]) == function) return true;
  }
  return false;
}

void compare_blocks(Replayed& got, const SlowHistory& want) {
  const Peak peak = want.peak();
  const analysis::BlockCounts counts = analysis::find_block_counts(
      got.profile, got.symbols, got.sites, got.replay);
  REQUIRE(counts.all.over_time.most_blocks == hold(want, peak).most_blocks);
  REQUIRE(counts.all.allocations == want.lives.size());
  std::map<std::string, const analysis::WrapperUse*> by_name;
  for (const analysis::WrapperUse& use : counts.wrappers)
    by_name[use.function] = &use;
  for (int number = 0; number < 7; ++number) {
    const std::string name = "wrap" + std::to_string(number);
    const SlowHistory mine = want.select(
        [&](const SlowLife& life) { return comes_through(life.stack, name); });
    REQUIRE(by_name.contains(name) == !mine.lives.empty());
    if (mine.lives.empty()) continue;
    REQUIRE(by_name[name]->allocations == mine.lives.size());
    REQUIRE(by_name[name]->over_time.most_blocks ==
            hold(mine, peak).most_blocks);
  }
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
  compare_totals(got.profile, want);
  compare_stacks(got.profile, want);
  compare_scopes(got.profile, one, want);
  compare_threads(got, want);
  compare_sizes(got, want);
  compare_lifetimes(got, want);
  compare_modules(got, want);
  compare_blocks(got, want);
}

}  // namespace

TEST_CASE("answers about blocks are those of the obvious way") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) check(seed);
}
