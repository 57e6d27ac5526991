// SPDX-License-Identifier: Apache-2.0
//
// Baselines: written, read, merged, compared with.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "gate/baseline.h"
#include "gate/site_keys.h"
#include "gate/write_baseline.h"
#include "gate_case.h"
#include "random_program.h"
#include "rules/parse_rules.h"

using namespace sagemem;
using gate::Band;
using gate::Baseline;
using gate::Outcome;
using test::GateCase;

namespace {

constexpr std::string_view kLeak = R"(
  0 session info program /bin/minisage
  1000 t1 malloc 100 -> 0x1000 @ main/run/load
  1010 t1 malloc 50 -> 0x2000 @ main/run/save
  1020 t1 free 0x2000
  1030 t1 malloc 30 -> 0x3000 @ main/run/save
)";

std::string problem(const std::string& text) {
  try {
    static_cast<void>(gate::parse_baseline(text, "b"));
  } catch (const rules::RuleError& error) {
    return error.what();
  }
  return "";
}

Baseline of_runs(std::uint64_t runs, double low, double middle, double high) {
  Baseline baseline{.program = "p", .runs = runs};
  baseline.figures["peak.bytes"] = {low, middle, high};
  return baseline;
}

}  // namespace

TEST_CASE("a baseline of a trace reads as it was written") {
  const GateCase one(kLeak);
  const Baseline baseline = gate::baseline_of(
      one.subject(), gate::uses_of(test::rule_set(
                         "site(\"l*\").peak <= baseline.site(\"l*\").peak")));
  CHECK(baseline.program == "minisage");
  CHECK(baseline.figures.at("peak.bytes") == Band::at(150));
  CHECK(baseline.figures.at("leaked.bytes") == Band::at(130));
  CHECK(baseline.figures.at("site(\"l*\").peak.bytes") == Band::at(100));
  CHECK_FALSE(baseline.figures.contains("run.time"));
  CHECK_FALSE(baseline.figures.contains("lost.events"));
  CHECK(baseline.sites.at("load load.c #1").leaked_bytes == Band::at(100));
  CHECK(baseline.sites.at("save save.c #1").blocks == Band::at(2));
  const std::string text = gate::to_text(baseline);
  const Baseline again = gate::parse_baseline(text, "b");
  CHECK(again.figures == baseline.figures);
  CHECK(gate::to_text(again) == text);
}

TEST_CASE("a thousand merges are the lowest, the median, the highest") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    test::Random random(seed);
    std::vector<Baseline> baselines;
    std::vector<double> seen;
    for (std::uint64_t i = 0; i <= random.below(7); ++i) {
      const auto value = static_cast<double>(random.below(100));
      seen.push_back(value);
      baselines.push_back(of_runs(1, value, value, value));
    }
    std::sort(seen.begin(), seen.end());
    const Baseline all = gate::merge(baselines);
    CHECK(all.runs == seen.size());
    // Of an even number of runs the lower one in the middle.
    CHECK(all.figures.at("peak.bytes") ==
          Band{seen.front(), seen[(seen.size() - 1) / 2], seen.back()});
  }
  const Baseline uneven =
      gate::merge({of_runs(5, 1, 2, 3), of_runs(1, 9, 9, 9)});
  CHECK(uneven.figures.at("peak.bytes") == Band{1, 2, 9});
}

TEST_CASE("a band gives the benefit of the doubt") {
  const GateCase one(kLeak);  // the peak is 150 bytes
  const auto with = [&one](double low, double high, const std::string& rule) {
    return one.check(rule, of_runs(2, low, low, high)).outcome;
  };
  CHECK(with(140, 150, "peak <= baseline.peak") == Outcome::Holds);
  CHECK(with(140, 149, "peak <= baseline.peak") == Outcome::Broken);
  CHECK(with(100, 140, "peak <= baseline.peak + 5 %") == Outcome::Broken);
  CHECK(with(100, 143, "peak <= baseline.peak + 5 %") == Outcome::Holds);
  CHECK(with(140, 160, "peak == baseline.peak") == Outcome::Holds);
  CHECK(with(151, 160, "peak == baseline.peak") == Outcome::Broken);
  CHECK(with(160, 170, "peak >= baseline.peak") == Outcome::Broken);
  CHECK(with(150, 170, "peak >= baseline.peak") == Outcome::Holds);
  CHECK(with(100, 200, "peak - baseline.peak <= -50") == Outcome::Holds);
  CHECK(with(100, 199, "peak - baseline.peak <= -50") == Outcome::Broken);
  // Under a "not" as well.
  CHECK(with(140, 150, "not peak > baseline.peak") == Outcome::Holds);
  CHECK(with(140, 149, "not peak > baseline.peak") == Outcome::Broken);
  CHECK(with(140, 160, "not peak < baseline.peak") == Outcome::Holds);
  CHECK(with(140, 160, "not peak != baseline.peak") == Outcome::Holds);
  CHECK(with(151, 160, "not peak != baseline.peak") == Outcome::Broken);
  CHECK(with(140, 160, "not not peak <= baseline.peak") == Outcome::Holds);
}

TEST_CASE("a percentage of what is negative loosens as one of what is not") {
  const GateCase one(kLeak);
  CHECK(one.outcome("-95 <= -100 + 5 %") == Outcome::Holds);
  CHECK(one.outcome("-94 <= -100 + 5 %") == Outcome::Broken);
  CHECK(one.outcome("-105 >= -100 - 5 %") == Outcome::Holds);
  CHECK(one.outcome("-106 >= -100 - 5 %") == Outcome::Broken);
  const auto with = [&one](double low, double high, const std::string& rule) {
    return one.check(rule, of_runs(2, low, low, high)).outcome;
  };
  // Of a band from -50 to 50: from -55 to 55.
  CHECK(with(100, 200, "-55 >= baseline.peak - 150 - 10 %") == Outcome::Holds);
  CHECK(with(100, 200, "-56 >= baseline.peak - 150 - 10 %") == Outcome::Broken);
  CHECK(with(100, 200, "0 >= baseline.peak - 150 + 300 %") == Outcome::Holds);
  CHECK(with(100, 200, "-1 >= baseline.peak - 150 + 300 %") == Outcome::Broken);
  CHECK(with(100, 200, "95 >= baseline.peak - 5 %") == Outcome::Holds);
  CHECK(with(100, 200, "94 >= baseline.peak - 5 %") == Outcome::Broken);
}

TEST_CASE("sites that are worse than the baseline come first") {
  const GateCase one(kLeak);
  Baseline baseline = gate::baseline_of(one.subject(), {});
  baseline.sites["load load.c #1"].leaked_bytes = Band::at(100);
  baseline.sites["save save.c #1"].leaked_bytes = Band::at(10);
  const auto verdict = one.check("leaked.bytes == 0", baseline);
  const auto& sites = verdict.findings.at(0).sites;
  REQUIRE(sites.size() == 2);
  CHECK(sites[0].function == "save");
  CHECK(sites[0].is_change);
  CHECK(sites[0].bytes == 20);
  CHECK(sites[1].function == "load");
  CHECK(sites[1].bytes == 100);
  CHECK(one.check("leaked.new_sites == 0", baseline).outcome == Outcome::Holds);
  baseline.sites.erase("load load.c #1");
  const auto fresh = one.check("leaked.new_sites == 0", baseline);
  CHECK(fresh.outcome == Outcome::Broken);
  CHECK(fresh.findings.at(0).sites.at(0).function == "load");
  CHECK(fresh.findings.at(0).sites.at(0).is_new);
}

TEST_CASE("the same program has no new leaks, however many it has") {
  std::string text;
  for (int i = 1; i <= 1500; ++i) {
    text += "  " + std::to_string(1000 + i) + " t1 malloc 1 -> " +
            std::to_string(0x10000 + 16 * i) + " @ main/f" + std::to_string(i) +
            "\n";
  }
  const GateCase one(text);
  const Baseline baseline = gate::baseline_of(one.subject(), {});
  CHECK(one.check("leaked.new_sites == 0", baseline).outcome == Outcome::Holds);
}

TEST_CASE("sites keep their keys when lines move") {
  const auto keys = [](std::uint32_t shift) {
    std::vector<symbolize::Location> places = {
        {.function = "f", .file = "/a/x.c", .line = 10 + shift},
        {.function = "f", .file = "/a/x.c", .line = 30 + shift},
        {.function = "f.constprop.0", .file = "/a/x.c", .line = 20 + shift},
        {.function = "g", .file = "/a/x.c", .line = 5},
        {.function = "", .module = "/lib/b.so", .offset = 0x100 + shift},
        {.function = "", .module = "/lib/b.so", .offset = 0x200 + shift}};
    analysis::SiteTable table;
    for (const symbolize::Location& one : places)
      table.sites.emplace_back().location = &one;
    return gate::site_keys(table);
  };
  CHECK(keys(0) == std::vector<std::string>{"f x.c #1", "f x.c #3", "f x.c #2",
                                            "g x.c #1", "[b.so] #1",
                                            "[b.so] #1"});
  CHECK(keys(0) == keys(7));
  for (const std::string& key : keys(0)) CHECK(gate::is_site_key(key));
  CHECK_FALSE(gate::is_site_key("f x.c"));
  CHECK_FALSE(gate::is_site_key("f #"));
  CHECK_FALSE(gate::is_site_key(" #1"));
}

TEST_CASE("mistakes in a baseline are told with their place") {
  const std::string head = "sagemem_baseline = 1\nprogram = 'p'\nruns = 1\n";
  const auto tells = [](const std::string& text, const std::string& what) {
    const std::string told = problem(text);
    if (told.find(what) == std::string::npos) WARN(told);
    return told.find(what) != std::string::npos;
  };
  CHECK(problem(head).empty());
  CHECK(tells("", "b:1:1: no baseline"));
  CHECK(tells("sagemem_baseline = 2\n", "b:1:20: of a version"));
  CHECK(tells("sagemem_baseline = 1\nprogram = 'p'\n", "'runs' is missing"));
  CHECK(tells(head + "[figures]\n\"peek.bytes\" = 1\n", "b:5:1: 'peek.bytes'"));
  CHECK(tells(head + "[figures]\n\"peak.bytes\" = 'x'\n",
              "b:5:16: not a number"));
  CHECK(tells(head + "[figures]\n\"peak.bytes\" = nan\n",
              "b:5:16: not a number"));
  CHECK(tells(head + "[figures]\n\"peak.bytes\" = [1, 2]\n",
              "b:5:16: a band is"));
  CHECK(tells(head + "[figures]\n\"peak.bytes\" = [3, 2, 1]\n",
              "b:5:16: a band goes"));
  CHECK(tells(head + "[figures]\n\"peak\" = 1\n\"peak.bytes\" = 1\n",
              "stands twice"));
  CHECK(tells(head + "[sites]\n\"x\" = {}\n", "b:5:1: 'x' names no site"));
  CHECK(tells(head + "[sites]\n\"x y #1\" = 5\n", "b:5:12: a site has"));
  CHECK(
      tells(head + "[sites]\n\"x y #1\" = { blocs = 5 }\n", "b:5:14: 'blocs'"));
  CHECK(tells(head + "figures = 5\n", "write [figures]"));
}
