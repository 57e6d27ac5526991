// SPDX-License-Identifier: Apache-2.0
//
// Rules on small traces whose numbers are known.
#include <catch2/catch.hpp>
#include <string>

#include "gate_case.h"

using namespace sagemem;
using gate::Outcome;
using test::GateCase;
using test::holds;
using test::kScopes;
using test::undecided;

TEST_CASE("the figures of a run") {
  const GateCase one(kScopes);
  for (const char* rule : {"allocated.blocks == 4",
                           "allocated.bytes == 1100",
                           "released == 3",
                           "leaked.blocks == 1",
                           "leaked == 200",
                           "leaked.sites == 1",
                           "peak == 800",
                           "peak.blocks == 3",
                           "live.blocks == 3",
                           "temporary.count == 1",
                           "temporary.share == 25 %",
                           "sites.count == 3",
                           "threads == 1",
                           "exit.code == 0",
                           "lost.events == 0",
                           "torn == 0",
                           "contradictions == 0",
                           "failed == 0",
                           "reallocated == 0",
                           "children == 0",
                           "notice(\"spool_used\").count == 0",
                           "run.time >= 0 ns"})
    holds(one, rule);
}

TEST_CASE("the figures of chosen blocks") {
  const GateCase one(kScopes);
  for (const char* rule : {"site(\"load\").allocated == 800",
                           "site(\"load\").allocated.count == 2",
                           "site(\"l*\").peak == 500",
                           "site(\"load.c:10\").peak == 500",
                           "site(\"nothing\").sites == 0",
                           "site(\"nothing\").allocated == 0",
                           "site(\"forest\").leaked.blocks == 0",
                           "site(\"keep\").leaked == 200",
                           "site(\"*\").peak == 800",
                           "site(\"*\").sites == 3",
                           "wrapper(\"mymalloc\").allocated.count == 3",
                           "wrapper(\"mymalloc\").live_blocks == 2",
                           "wrapper(\"main\").allocated.count == 0",
                           "within(\"forest\").peak == 700",
                           "within(\"mymalloc\").peak == 700",
                           "file(\"keep.c\").leaked.blocks == 1",
                           "file(\"/src/*.c\").leaked.blocks == 1",
                           "file(\"forest.c\").leaked.blocks == 0",
                           "wrapper(\"main\").leaked.blocks == 0",
                           "site(\"forest\").peak == 0",
                           "module(\"program\").peak == 800",
                           "site(\"load\").at_peak == 500",
                           "site(\"load\").temporary == 1",
                           "category(\"*\").allocated == 1100"})
    holds(one, rule);
}

TEST_CASE("a pattern that names nothing in the trace decides nothing") {
  const GateCase one(kScopes);
  for (const char* about : {"site", "wrapper", "within", "module", "file"}) {
    const std::string nothing = std::string(about) + "(\"laod*\")";
    for (const char* figure : {".leaked.blocks == 0", ".leaked.blocks > 0",
                               ".peak == 0", ".temporary == 0"})
      undecided(one, nothing + figure, "nothing in the trace matches");
    holds(one, nothing + ".sites == 0");
  }
}

TEST_CASE("the figures of scopes") {
  const GateCase one(kScopes);
  for (const char* rule : {"scope(\"forest\").count == 2",
                           "scope(\"forest\").open == 0",
                           "scope(\"forest\").peak == 700",
                           "max(scope(\"forest\").peak) == 700",
                           "min(scope(\"forest\").peak) == 300",
                           "sum(scope(\"forest\").peak) == 1000",
                           "mean(scope(\"forest\").peak) == 500",
                           "median(scope(\"forest\").peak) == 500",
                           "scope(\"forest\", 7).peak == 300",
                           "scope(\"forest\", 8).peak == 700",
                           "scope(\"forest\").escaped == 200",
                           "scope(\"forest\").escaped.blocks == 1",
                           "scope(\"forest\").escaped.scopes == 1",
                           "scope(\"forest\", 7).escaped.blocks == 0",
                           "scope(\"forest\", 7).escaped.scopes == 0",
                           "scope(\"forest\", 8).escaped.scopes == 1",
                           "scope(\"forest\", 7).count == 1",
                           "scope(\"forest\", 7).open == 0",
                           "scope(\"forest\").leaked == 200",
                           "scope(\"forest\").allocated == 1000",
                           "scope(\"forest\").allocated.blocks == 3",
                           "scope(\"forest\").total_peak == 800",
                           "scope(\"forest\").floor == 300",
                           "min(scope(\"forest\").floor) == 100"})
    holds(one, rule);
  undecided(one, "scope(\"tree\").peak == 0", "there are: forest");
  undecided(one, "scope(\"forest\", 9).peak == 0", "no such scope");
  undecided(one, "scope(\"forest\", 9).count == 0", "no such scope");
  undecided(one, "scope(\"forest\", 9).escaped.scopes == 0", "no such scope");
  undecided(one, "floor(\"forest\").slope == 0 B", "too few scopes");
  undecided(one, "cost(\"forest\").slope == 0 B", "tells their peaks");
}

TEST_CASE("a broken rule shows who did it, and where") {
  const GateCase one(kScopes);
  const auto escaped = one.check("scope(\"forest\").escaped.blocks == 0");
  REQUIRE(escaped.outcome == Outcome::Broken);
  const gate::Finding& finding = escaped.findings.at(0);
  CHECK(finding.expected == "0");
  CHECK(finding.got == "1");
  CHECK(finding.subject == "scope(\"forest\").escaped.blocks");
  REQUIRE(finding.sites.size() == 1);
  CHECK(finding.sites[0].function == "keep");
  CHECK(finding.sites[0].bytes == 200);
  REQUIRE(finding.scopes.size() == 1);
  CHECK(finding.scopes[0].number == 8);
  const auto peak = one.check("max(scope(\"forest\").peak) <= 400 B");
  CHECK(peak.findings.at(0).expected == "at most 400 B");
  CHECK(peak.findings.at(0).scopes.at(0).number == 8);
  CHECK(peak.findings.at(0).scopes.size() == 1);
  CHECK(peak.findings.at(0).sites.at(0).function == "load");
  CHECK(peak.findings.at(0).sites.at(0).bytes == 500);
  // The figure is what was got, on whichever side it stands.
  const auto swapped = one.check("100 B >= leaked.bytes");
  CHECK(swapped.findings.at(0).expected == "at most 100 B");
  CHECK(swapped.findings.at(0).got == "200 B");
  const auto negated = one.check("not leaked.bytes > 100 B");
  CHECK(negated.outcome == Outcome::Broken);
  CHECK(negated.findings.at(0).expected == "at most 100 B");
  // Of a conjunction only what is wrong is shown.
  const auto both = one.check("peak < 1 MiB and leaked.bytes == 0");
  REQUIRE(both.findings.size() == 1);
  CHECK(both.findings[0].subject == "leaked.bytes");
  CHECK(one.check("site(\"forest\").leaked == 0").findings.at(0).got ==
        "0 B, nothing matches");
  const auto site = one.check("site(\"load\").allocated < 1 B");
  REQUIRE(site.findings.at(0).sites.size() == 1);
  CHECK(site.findings[0].sites[0].function == "load");
}

TEST_CASE("leak classes of chosen blocks") {
  const GateCase plain(kScopes);
  holds(plain, "site(\"keep\").leaked.unsuppressed.blocks == 1");
  holds(plain, "site(\"load\").leaked.unsuppressed.bytes == 0");
  undecided(plain, "site(\"keep\").leaked.lost.blocks == 0", "LEAK_SCAN");
  undecided(plain, "leaked.indirect.blocks == 0", "LEAK_SCAN");
}

TEST_CASE("leak classes of what was born in scopes") {
  // Forest 9 lies in forest 8; of what 7 has lost, one leads to the other.
  const GateCase one(R"(
    0 session info leak_scan on
    0 session rule 0 scope forest (number)
    1 t7 thread w1
    10 t7 malloc 100 -> 0x1000 @ main/start
    20 t7 scope_begin 0 7
    21 t7 malloc 300 -> 0x1100 @ main/forest/load
    22 t7 malloc 200 -> 0x1300 @ main/forest/keep
    23 t7 scope_end 0
    30 t7 scope_begin 0 8
    31 t7 malloc 400 -> 0x1400 @ main/forest/keep
    32 t7 scope_begin 0 9
    33 t7 malloc 500 -> 0x1600 @ main/forest/load
    34 t7 scope_end 0
    35 t7 scope_end 0
    40 t7 scope_begin 0 10
    41 t7 scope_end 0
    50 t7 scan_words 0x9000-0xa000 file 0x9010=0x1400
    51 t7 scan_words 0x1000-0x2000 heap 0x1108=0x1300
    52 t7 scan_thread 7 own sp 0x7f00 tp 0x0
    60 t7 scan_end complete records 3 words 0 bytes 0 unread 0 ns 0 )"
                     "threads 1 missed 0\n");
  holds(one, "leaked.lost == 1100 and leaked.lost.blocks == 4");
  for (const char* rule :
       {".leaked.lost.blocks == 3", ".leaked.lost == 1000",
        ".leaked.reachable.blocks == 1", ".leaked.reachable == 400",
        ".leaked.unsuppressed.blocks == 4", ".leaked.unsuppressed == 1400"})
    holds(one, std::string("scope(\"forest\")") + rule);
  for (const char* rule :
       {"7).leaked.lost.blocks == 2", "7).leaked.lost == 500",
        "7).leaked.reachable == 0", "8).leaked.lost.blocks == 1",
        "8).leaked.lost == 500", "8).leaked.reachable == 400",
        "9).leaked.lost == 500", "9).leaked.reachable.blocks == 0",
        "10).leaked.lost.blocks == 0", "10).leaked.unsuppressed == 0"})
    holds(one, std::string("scope(\"forest\", ") + rule);
  undecided(one, "scope(\"forest\", 11).leaked.lost == 0", "no such scope");
  undecided(one, "scope(\"tree\").leaked.lost == 0", "there are: forest");
  const auto broken = one.check("scope(\"forest\").leaked.lost == 0");
  REQUIRE(broken.outcome == Outcome::Broken);
  const auto& sites = broken.findings.at(0).sites;
  REQUIRE(sites.size() == 2);
  CHECK(sites[0].function == "load");
  CHECK(sites[0].bytes == 800);
  CHECK(sites[1].function == "keep");
  CHECK(sites[1].bytes == 200);
}

TEST_CASE("scopes have no leak classes without a scan") {
  const GateCase plain(kScopes);
  holds(plain, "scope(\"forest\").leaked.unsuppressed == 200");
  holds(plain, "scope(\"forest\", 7).leaked.unsuppressed.blocks == 0");
  undecided(plain, "scope(\"forest\").leaked.lost == 0", "LEAK_SCAN");
  undecided(plain, "scope(\"forest\", 7).leaked.lost.blocks == 0", "LEAK_SCAN");
  undecided(plain, "scope(\"forest\", 8).leaked.reachable == 0", "LEAK_SCAN");
  CHECK_THROWS(plain.check("max(scope(\"forest\").leaked.lost) == 0"));
}
