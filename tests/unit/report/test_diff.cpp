// SPDX-License-Identifier: Apache-2.0
//
// Which site of one run is which of another; what is noise.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "analysis/diff.h"
#include "analysis/place_match.h"

namespace {

using namespace sagemem;
using analysis::Likeness;
using analysis::match_places;
using analysis::Noise;
using analysis::Place;
using analysis::PlacePair;
using analysis::Verdict;

Place place(const char* function, const char* file, std::uint32_t line,
            const char* text = "", std::uint64_t allocations = 1,
            std::uint64_t bytes = 100) {
  return {.function = function,
          .file = file,
          .line = line,
          .module = "/usr/bin/sage",
          .text = text,
          .allocations = allocations,
          .bytes_allocated = bytes};
}

// "0-1 moved, 2-0 line"
std::string match(const std::vector<Place>& before,
                  const std::vector<Place>& after) {
  std::string text;
  for (const PlacePair& pair : match_places(before, after)) {
    if (!text.empty()) text += ", ";
    text += std::to_string(pair.before) + "-" + std::to_string(pair.after);
    text += pair.likeness == Likeness::Same    ? " line"
            : pair.likeness == Likeness::Moved ? " moved"
                                               : " renamed";
  }
  return text;
}

TEST_CASE("equal sites are pairs", "[diff]") {
  CHECK(match({place("a", "x.c", 1), place("b", "x.c", 2)},
              {place("b", "x.c", 2), place("a", "x.c", 1)}) ==
        "0-1 line, 1-0 line");
  CHECK(match({}, {}).empty());
  CHECK(match({place("a", "x.c", 1)}, {}).empty());
  CHECK(match({place("a", "x.c", 1)}, {place("b", "x.c", 1)}).empty());
}

TEST_CASE("lines move together", "[diff]") {
  // Line 12 is the first site now, and was the second one.
  CHECK(match({place("a", "x.c", 10), place("a", "x.c", 12)},
              {place("a", "x.c", 12), place("a", "x.c", 14)}) ==
        "0-0 moved, 1-1 moved");
}

TEST_CASE("files and modules get other names", "[diff]") {
  CHECK(match({place("grow", "/src/util.c", 9)},
              {place("grow", "/src/array.c", 9)}) == "0-0 renamed");
  CHECK(match({place("grow", "/one/src/util.c", 9)},
              {place("grow", "/other/src/util.c", 9)}) == "0-0 line");
  Place elsewhere = place("grow", "util.c", 9);
  elsewhere.module = "/usr/lib/libutil.so";
  CHECK(match({place("grow", "util.c", 9)}, {elsewhere}) == "0-0 line");
  elsewhere.file = "";
  CHECK(match({place("grow", "", 9)}, {elsewhere}) == "0-0 renamed");
  // A file of the same name is taken before another.
  CHECK(match({place("init", "a.c", 5)},
              {place("init", "b.c", 5), place("init", "a.c", 7)}) ==
        "0-1 moved");
}

TEST_CASE("a compiler's copy is its function", "[diff]") {
  CHECK(match({place("fill", "x.c", 5)},
              {place("fill.constprop.0", "x.c", 5)}) == "0-0 line");
  CHECK(match({place("fill.part.2", "x.c", 5)},
              {place("fill.isra.0", "x.c", 6)}) == "0-0 moved");
}

TEST_CASE("the source says which site is new", "[diff]") {
  // One was put in front of the other.
  CHECK(match({place("a", "x.c", 10, "halos = malloc(n * sizeof *halos);")},
              {place("a", "x.c", 10, "names = malloc(count * kNameLength);"),
               place("a", "x.c", 11, "halos = malloc(n * sizeof *halos);")}) ==
        "0-1 moved");
  // Another statement and other blocks: one is gone, one is new.
  CHECK(match({place("a", "x.c", 10, "halos = malloc(n * sizeof *halos);"),
               place("a", "x.c", 11, "tree = calloc(n, kNode);", 7, 700)},
              {place("a", "x.c", 10, "halos = malloc(n * sizeof *halos);"),
               place("a", "x.c", 12, "strdup(path)", 1, 12)}) == "0-0 line");
  // The only ones of a function are one.
  CHECK(match({place("a", "x.c", 11, "tree = calloc(n, kNode);", 7, 700)},
              {place("a", "x.c", 12, "strdup(path)", 1, 12)}) == "0-0 moved");
}

TEST_CASE("without source, blocks say it", "[diff]") {
  CHECK(match({place("a", "x.c", 10, "", 1, 100000),
               place("a", "x.c", 11, "", 1, 3000),
               place("a", "x.c", 12, "", 1, 20000)},
              {place("a", "x.c", 20, "", 1, 100000),
               place("a", "x.c", 21, "", 1, 60000)}) == "0-0 moved, 2-1 moved");
}

TEST_CASE("random programs: pairs are pairs and do not cross", "[diff]") {
  std::mt19937 random(5);
  const auto some = [&random] {
    std::vector<Place> places;
    const std::size_t count = random() % 12;
    for (std::size_t i = 0; i < count; ++i) {
      const char* const functions[] = {"a", "b", "c.part.0", "c"};
      const char* const files[] = {"x.c", "y.c", ""};
      const char* const texts[] = {"", "p = malloc(n)", "q = realloc(q, 9)"};
      places.push_back(place(functions[random() % 4], files[random() % 3],
                             static_cast<std::uint32_t>(random() % 9),
                             texts[random() % 3], 1 + random() % 3,
                             random() % 50));
    }
    return places;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::vector<Place> before = some();
    const std::vector<Place> after = some();
    const std::vector<PlacePair> pairs = match_places(before, after);
    std::vector<int> uses(after.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      REQUIRE((i == 0 || pairs[i - 1].before < pairs[i].before));
      REQUIRE(++uses[pairs[i].after] == 1);
      REQUIRE(before[pairs[i].before].function[0] ==
              after[pairs[i].after].function[0]);
    }
    // A program is itself.
    const std::vector<PlacePair> own = match_places(before, before);
    REQUIRE(own.size() == before.size());
  }
}

TEST_CASE("what noise covers", "[diff]") {
  const Noise noise{0.01};
  CHECK(analysis::judge(1000, 1010, 1010, noise) == Verdict::Same);
  CHECK(analysis::judge(1000, 1011, 1011, noise) == Verdict::Grown);
  CHECK(analysis::judge(1011, 1000, 1011, noise) == Verdict::Shrunk);
  // A thousandth of the whole.
  CHECK(analysis::judge(0, 100, 100000, noise) == Verdict::Same);
  CHECK(analysis::judge(0, 101, 100000, noise) == Verdict::New);
  CHECK(analysis::judge(101, 0, 100000, noise) == Verdict::Gone);
  CHECK(analysis::judge(0, 1, UINT64_MAX, Noise{0}) == Verdict::New);
  CHECK(analysis::judge(7, 7, 7, Noise{0}) == Verdict::Same);
}

}  // namespace
