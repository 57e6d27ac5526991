// SPDX-License-Identifier: Apache-2.0
//
// Address space in ranges that are cut and replaced, against a byte map.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "model/mapped_ranges.h"
#include "random_program.h"

namespace {

using namespace sagemem;
using model::MappedRanges;

}  // namespace

TEST_CASE("mapping and unmapping whole ranges") {
  MappedRanges ranges;
  ranges.map(0x1000, 0x1000);
  ranges.map(0x5000, 0x2000);
  CHECK(ranges.use().live_bytes == 0x3000);
  ranges.unmap(0x1000, 0x1000);
  CHECK(ranges.use().live_bytes == 0x2000);
  CHECK(ranges.use().peak_bytes == 0x3000);
  CHECK(ranges.use().maps == 2);
  CHECK(ranges.use().unmaps == 1);
  CHECK(ranges.use().bytes_mapped == 0x3000);
}

TEST_CASE("a hole splits a range, and unmapping over holes is fine") {
  MappedRanges ranges;
  ranges.map(0x1000, 0x4000);
  ranges.unmap(0x2000, 0x1000);
  CHECK(ranges.use().live_bytes == 0x3000);
  ranges.unmap(0, 0x10000);
  CHECK(ranges.use().live_bytes == 0);
}

TEST_CASE("MAP_FIXED replaces what was there") {
  MappedRanges ranges;
  ranges.map(0x1000, 0x4000);
  ranges.map(0x2000, 0x1000);
  CHECK(ranges.use().live_bytes == 0x4000);
  ranges.map(0x4000, 0x4000);
  CHECK(ranges.use().live_bytes == 0x7000);
}

TEST_CASE("claims beyond the address space") {
  MappedRanges ranges;
  const std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  ranges.map(0x1000, max);
  ranges.map(max, max);
  ranges.unmap(0, max);
  CHECK(ranges.use().live_bytes == 0);
  ranges.map(5, 0);
  ranges.unmap(5, 0);
  CHECK(ranges.use().live_bytes == 0);
}

TEST_CASE("a random history ends as it does byte by byte") {
  const std::uint64_t seed = GENERATE(range(1, 30));
  test::Random random(seed);
  MappedRanges ranges;
  std::vector<bool> bytes(300);
  std::uint64_t peak = 0;
  for (int step = 0; step < 1000; ++step) {
    const std::uint64_t start = random.below(250);
    const std::uint64_t size = random.below(50);
    const bool is_map = random.chance(50);
    for (std::uint64_t i = start; i < start + size; ++i) bytes[i] = is_map;
    if (is_map) {
      ranges.map(start, size);
    } else {
      ranges.unmap(start, size);
    }
    const auto held = static_cast<std::uint64_t>(
        std::count(bytes.begin(), bytes.end(), true));
    peak = std::max(peak, held);
    REQUIRE(ranges.use().live_bytes == held);
    REQUIRE(ranges.use().peak_bytes == peak);
  }
}
