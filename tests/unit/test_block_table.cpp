// SPDX-License-Identifier: Apache-2.0
//
// The table of live blocks against std::map, in memory and in a file; and that
// a bound on memory changes nothing about what a replay finds.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "model/block_table.h"
#include "model/replay.h"
#include "random_program.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using model::Block;
using model::BlockTable;

// A bound that is reached before anything is there.
constexpr std::uint64_t kNothing = 1;

bool is_same(const Block& a, const Block& b) {
  return a.size == b.size && a.stack == b.stack && a.origin == b.origin;
}

// Neighbours, far places that fall on one another, and some of no alignment.
std::uint64_t some_address(test::Random& random, std::uint64_t places) {
  const std::uint64_t place = 1 + random.below(places);
  switch (random.below(4)) {
    case 0:
      return 0x7f0000000000 + 16 * place;
    case 1:
      return place << 20;
    case 2:
      return place;
    default:
      return ~std::uint64_t{0} - 48 * place;
  }
}

void compare(const BlockTable& table,
             const std::map<std::uint64_t, Block>& want) {
  std::size_t seen = 0;
  table.each([&](std::uint64_t address, const Block& block) {
    const auto found = want.find(address);
    REQUIRE(found != want.end());
    REQUIRE(is_same(found->second, block));
    ++seen;
  });
  REQUIRE(seen == want.size());
}

void work(BlockTable& table, std::uint64_t seed, std::uint64_t places,
          int steps) {
  test::Random random(seed);
  std::map<std::uint64_t, Block> want;
  for (int i = 0; i < steps; ++i) {
    const std::uint64_t address = some_address(random, places);
    const auto known = want.find(address);
    const bool was_there = known != want.end();
    REQUIRE(table.contains(address) == was_there);
    if (random.chance(60)) {
      const Block block{random.next(), static_cast<model::StackId>(i), 7};
      const auto [slot, is_new] = table.try_put(address, block);
      REQUIRE(is_new == !was_there);
      REQUIRE(is_same(*slot, was_there ? known->second : block));
      if (!was_there) want.emplace(address, block);
    } else {
      const auto taken = table.take(address);
      REQUIRE(taken.has_value() == was_there);
      if (was_there) {
        REQUIRE(is_same(*taken, known->second));
        want.erase(known);
      }
    }
    if (i % 500 == 0) table.trim();
  }
  compare(table, want);
}

std::vector<std::uint8_t> make_trace(std::uint64_t seed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 500 + 100 * seed;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 4);
  program.max_live = 50 + 100 * seed;
  program.has_unknown = seed % 3 == 0;
  program.has_scopes = seed % 2 == 0;
  test::TraceBuilder trace;
  test::append_probes(trace);
  test::append_rules(trace, 0);
  append(test::make_program(program), trace);
  return trace.bytes();
}

template <typename T>
void compare_bytes(const std::vector<T>& a, const std::vector<T>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(std::memcmp(&a[i], &b[i], sizeof a[i]) == 0);
  }
}

}  // namespace

TEST_CASE("the table holds what a map holds") {
  const bool is_bounded = GENERATE(false, true);
  const std::uint64_t places = GENERATE(3, 200, 20000);
  BlockTable table(is_bounded ? kNothing : BlockTable::kUnbounded);
  CHECK(table.is_spilled() == is_bounded);
  work(table, places, places, 60000);
}

TEST_CASE("address 0 is no block") {
  BlockTable table;
  CHECK_FALSE(table.contains(0));
  CHECK_FALSE(table.take(0).has_value());
  table.try_put(16, {1, 2, 3});
  CHECK_FALSE(table.take(0).has_value());
  CHECK(table.contains(16));
}

TEST_CASE("a bound on memory changes nothing") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const std::vector<std::uint8_t> bytes = make_trace(seed);
    const decode::TraceFile file(decode::wrap_bytes(bytes));
    const model::Profile want = model::replay(file);
    model::ReplayOptions options;
    options.max_resident = kNothing;
    const model::Profile got = model::replay(file, options);
    REQUIRE(std::memcmp(&got.totals, &want.totals, sizeof want.totals) == 0);
    REQUIRE(std::memcmp(&got.peak, &want.peak, sizeof want.peak) == 0);
    REQUIRE(got.leaked_bytes == want.leaked_bytes);
    REQUIRE(got.leaked_blocks == want.leaked_blocks);
    REQUIRE(got.anomalies.unknown_releases == want.anomalies.unknown_releases);
    compare_bytes(got.uses, want.uses);
    compare_bytes(got.timeline, want.timeline);
    compare_bytes(got.scopes.escapes, want.scopes.escapes);
    compare_bytes(got.scopes.label_stacks, want.scopes.label_stacks);
  }
}

TEST_CASE("a file that cannot be is said") {
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  setenv("TMPDIR", "/nowhere/at/all", 1);
  CHECK_THROWS_AS(BlockTable(kNothing), std::system_error);
  CHECK_NOTHROW(BlockTable());
  if (before != nullptr) {
    setenv("TMPDIR", kept.c_str(), 1);
  } else {
    unsetenv("TMPDIR");
  }
}
