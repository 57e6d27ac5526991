// SPDX-License-Identifier: Apache-2.0
//
// Limits counted in the replay that the profile comes from, against a replay of
// their own; and when that can not be done.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/limit_watch.h"
#include "question_case.h"
#include "rules/built_in.h"
#include "rules/parse_rules.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using analysis::Breakdown;
using analysis::LimitWatch;
using analysis::ReplayAgain;

const char* const kLimits =
    "name = \"p\"\n"
    "[[limit]]\nname = \"blocks\"\nfunctions = [\"f1\", \"wrap*\"]\n"
    "blocks = 3\n"
    "[[limit]]\nname = \"bytes\"\nfunctions = \"f?\"\nbytes = 1000\n"
    "[[limit]]\nname = \"none\"\nfunctions = \"nobody\"\nblocks = 1\n";

void compare(const Breakdown& got, const Breakdown& want) {
  REQUIRE(got.limits.size() == want.limits.size());
  for (std::size_t i = 0; i < want.limits.size(); ++i) {
    CAPTURE(i);
    REQUIRE(got.limits[i].is_counted);
    REQUIRE(got.limits[i].most == want.limits[i].most);
    REQUIRE(got.limits[i].time_ns == want.limits[i].time_ns);
    REQUIRE(got.limits[i].scope == want.limits[i].scope);
  }
}

constexpr std::uint64_t kMain = 0x400100;
constexpr std::uint64_t kBuild = 0x400200;
constexpr std::uint64_t kMymalloc = 0x400300;
constexpr std::uint64_t kLibrary = 0x500100;
constexpr std::uint64_t kOther = 0x500200;

// An executable with the functions of Mimic, and a library.
struct Mimic {
  Mimic() {
    const auto load = [this](std::uint64_t number, std::uint64_t start,
                             std::uint64_t flags, const std::string& path) {
      test::ModuleText module;
      module.number = number;
      module.start = start;
      module.end = start + 0x1000;
      module.flags = flags;
      module.path = path;
      trace.load_module(1, module);
    };
    load(1, 0x400000, trace::kModuleIsExecutable, "/bin/mimic");
    load(2, 0x500000, 0, "/lib/other.so");
  }

  void allocate(const test::Stack& stack) {
    ++blocks;
    trace.alloc(1, 10 * blocks, 100, 0x7000'0000 + 128 * blocks, stack);
  }
  // As a report does, first names and then the replay that is watched.
  void replay() {
    bytes = trace.bytes();
    file.emplace(decode::wrap_bytes(bytes));
    const model::Profile first = model::replay(*file);
    symbols.extend(first.modules);
    for (model::StackId id = 1; id < first.stacks.size(); ++id) {
      const model::Frame& frame = first.stacks.frame(id);
      symbolize::Location location;
      location.function = name_of(frame.offset);
      symbols.learn(frame, {location});
    }
    watched();
  }
  void watched() {
    model::ReplayOptions options;
    options.grouper = &watch;
    profile = model::replay(*file, options);
  }
  [[nodiscard]] Breakdown breakdown(const std::string& rules) {
    const auto sites = analysis::find_sites(profile, symbols, {});
    return analysis::find_breakdown(profile, symbols, sources, sites,
                                    rules::load_rules(rules));
  }
  static std::string name_of(std::uint64_t pc) {
    if (pc == kBuild) return "build_halo_tree";
    if (pc == kMymalloc) return "mymalloc_cat";
    return pc == kMain ? "main" : "other";
  }

  test::TraceBuilder trace;
  std::uint64_t blocks = 0;
  std::vector<std::uint8_t> bytes;
  std::optional<decode::TraceFile> file;
  symbolize::Symbolizer symbols{{}};
  symbolize::SourceText sources{0};
  LimitWatch watch{symbols, nullptr};
  model::Profile profile;
};

}  // namespace

TEST_CASE("limits of 200 random programs, counted on the way") {
  const auto rules = rules::parse_rules(kLimits, "p.toml");
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const test::Case one(seed);
    test::Replayed run(one, {});
    LimitWatch watch(run.symbols, &rules);
    model::ReplayOptions options;
    options.grouper = &watch;
    options.threads = seed % 2 == 0 ? model::Threads::One : model::Threads::Two;
    const model::Profile profile = model::replay(run.file, options);
    const Breakdown found = analysis::find_breakdown(
        profile, run.symbols, run.sources, run.sites, rules);
    Breakdown got = found;
    Breakdown want = found;
    REQUIRE(watch.fill(profile, got));
    analysis::count_over_time(want, run.replay);
    compare(got, want);
  }
}

TEST_CASE("the built-in profile of the executable has the limits") {
  Mimic run;
  run.allocate({kLibrary});
  run.allocate({kMain, kBuild});
  run.allocate({kMain, kMymalloc});
  run.allocate({kMain, kMymalloc, kLibrary});
  run.replay();
  Breakdown breakdown = run.breakdown("mimic");
  REQUIRE(breakdown.limits.size() == 1);
  REQUIRE(run.watch.fill(run.profile, breakdown));
  CHECK(breakdown.limits[0].is_counted);
  CHECK(breakdown.limits[0].most == 2);
  CHECK(breakdown.limits[0].time_ns == 40);

  // In the end it was another one.
  Breakdown other = run.breakdown("sage");
  CHECK_FALSE(run.watch.fill(run.profile, other));
  CHECK_FALSE(other.limits[0].is_counted);
}

TEST_CASE("a block of a limit from before its rules were known is missed") {
  Mimic run;
  run.allocate({kMymalloc, kLibrary});
  run.allocate({kMain, kBuild});
  run.allocate({kMain, kMymalloc});
  run.replay();
  Breakdown breakdown = run.breakdown("mimic");
  CHECK_FALSE(run.watch.fill(run.profile, breakdown));
  CHECK_FALSE(breakdown.limits[0].is_counted);
  // Another replay begins with what this one has learned.
  run.watched();
  REQUIRE(run.watch.fill(run.profile, breakdown));
  CHECK(breakdown.limits[0].most == 2);
}

TEST_CASE("rules that were never chosen count nothing") {
  Mimic run;
  Breakdown breakdown;
  CHECK_FALSE(run.watch.fill(run.profile, breakdown));
  run.allocate({kLibrary, kOther});
  run.replay();
  breakdown = run.breakdown("mimic");
  CHECK_FALSE(run.watch.fill(run.profile, breakdown));

  const auto rules = rules::parse_rules(kLimits, "p.toml");
  const LimitWatch unused(run.symbols, &rules);
  CHECK_FALSE(unused.fill(run.profile, breakdown));
}
