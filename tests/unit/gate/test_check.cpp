// SPDX-License-Identifier: Apache-2.0
//
// Rules on small traces whose numbers are known; and on traces that are not
// whole.
#include <catch2/catch.hpp>
#include <string>

#include "gate_case.h"

using namespace sagemem;
using gate::Outcome;
using test::GateCase;

namespace {

// Two scopes of a rule, of which the second leaves a block behind.
constexpr std::string_view kScopes = R"(
  0 session rule 0 scope forest number
  1000 t1 malloc 100 -> 0x1000 @ main/start
  2000 t1 scope_begin 0 7
  2010 t1 malloc 300 -> 0x2000 @ main/forest/load/mymalloc
  2020 t1 free 0x2000
  2030 t1 scope_end 0
  3000 t1 scope_begin 0 8
  3010 t1 malloc 500 -> 0x3000 @ main/forest/load/mymalloc
  3020 t1 malloc 200 -> 0x4000 @ main/forest/keep/mymalloc
  3030 t1 free 0x3000
  3040 t1 scope_end 0
  4000 t1 free 0x1000
)";

void holds(const GateCase& one, const std::string& rule) {
  INFO(rule);
  const auto verdict = one.check(rule);
  CHECK(verdict.outcome == Outcome::Holds);
  if (!verdict.why.empty()) WARN(verdict.why);
}

void undecided(const GateCase& one, const std::string& rule,
               const std::string& why) {
  INFO(rule);
  const auto verdict = one.check(rule);
  CHECK(verdict.outcome == Outcome::Undecided);
  CHECK(verdict.why.find(why) != std::string::npos);
  if (verdict.why.find(why) == std::string::npos) WARN(verdict.why);
}

}  // namespace

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
  for (const char* rule :
       {"site(\"load\").allocated == 800",
        "site(\"load\").allocated.count == 2", "site(\"l*\").peak == 500",
        "site(\"load.c:10\").peak == 500", "site(\"nothing\").peak == 0",
        "site(\"keep\").leaked == 200", "site(\"*\").peak == 800",
        "site(\"*\").sites == 3", "wrapper(\"mymalloc\").allocated.count == 3",
        "wrapper(\"mymalloc\").live_blocks == 2",
        "wrapper(\"main\").allocated.count == 0",
        "within(\"forest\").peak == 700", "within(\"mymalloc\").peak == 700",
        "file(\"keep.c\").leaked.blocks == 1",
        "file(\"/src/*.c\").leaked.blocks == 1",
        "module(\"program\").peak == 800", "site(\"load\").at_peak == 500",
        "site(\"load\").temporary == 1", "category(\"*\").allocated == 1100"})
    holds(one, rule);
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
                           "scope(\"forest\").leaked == 200",
                           "scope(\"forest\").allocated == 1000",
                           "scope(\"forest\").allocated.blocks == 3",
                           "scope(\"forest\").total_peak == 800",
                           "scope(\"forest\").floor == 300",
                           "min(scope(\"forest\").floor) == 100"})
    holds(one, rule);
  undecided(one, "scope(\"tree\").peak == 0", "there are: forest");
  undecided(one, "scope(\"forest\", 9).peak == 0", "no such scope");
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
  CHECK(one.check("site(\"laod\").leaked == 0").findings.at(0).got ==
        "0 B, nothing matches");
  const auto site = one.check("site(\"load\").allocated < 1 B");
  REQUIRE(site.findings.at(0).sites.size() == 1);
  CHECK(site.findings[0].sites[0].function == "load");
}

TEST_CASE("an incomplete trace decides nothing that needs all of it") {
  const GateCase lost(kScopes, [](trace::FileHeader& header) {
    header.losses[static_cast<std::size_t>(trace::Loss::NoWriter)] = 3;
  });
  undecided(lost, "leaked.blocks <= 1000", "3 ");
  undecided(lost, "peak.bytes < 1 GiB", "3 ");
  undecided(lost, "peak.bytes > 1 GiB", "3 ");
  undecided(lost, "scope(\"forest\").escaped == 0", "3 ");
  CHECK(lost.outcome("lost.events == 0") == Outcome::Broken);
  CHECK(lost.outcome("exit.code == 0") == Outcome::Holds);
  const GateCase killed(kScopes, [](trace::FileHeader& header) {
    header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Signal);
    header.end_status = 9;
  });
  undecided(killed, "peak.bytes < 1 GiB", "did not come to its end");
  CHECK(killed.outcome("exit.code == 137") == Outcome::Holds);
  const GateCase running(kScopes, [](trace::FileHeader& header) {
    header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Unknown);
  });
  undecided(running, "leaked.blocks <= 1000", "did not come to its end");
  undecided(running, "exit.code == 0", "not seen to end");
  const GateCase replaced(kScopes, [](trace::FileHeader& header) {
    header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Exec);
  });
  undecided(replaced, "leaked.blocks <= 1000", "by exec");
  CHECK(replaced.outcome("peak == 800") == Outcome::Holds);
  const GateCase stopped(kScopes, [](trace::FileHeader& header) {
    header.stop_reason =
        static_cast<std::uint32_t>(trace::StopReason::SizeLimit);
  });
  undecided(stopped, "peak.bytes < 1 GiB", "recording stopped");
  const GateCase missed(kScopes, [](trace::FileHeader& header) {
    header.notices[static_cast<std::size_t>(trace::Notice::ScopesMissed)] = 1;
  });
  undecided(missed, "scope(\"forest\").count == 2", "scopes were missed");
  CHECK(missed.outcome("peak == 800") == Outcome::Holds);
}

TEST_CASE("how a check ends") {
  const auto code = [](std::vector<std::pair<Outcome, gate::Severity>> rules,
                       bool is_readable = true) {
    std::vector<gate::Rule> all(rules.size());
    gate::Verdict verdict;
    if (!is_readable) verdict.error = "no trace";
    for (std::size_t i = 0; i < rules.size(); ++i) {
      all[i].severity = rules[i].second;
      verdict.rules.push_back({&all[i], rules[i].first, "", {}});
    }
    return gate::exit_code({verdict});
  };
  const auto kError = gate::Severity::Error;
  const auto kWarning = gate::Severity::Warning;
  CHECK(code({{Outcome::Holds, kError}}) == 0);
  CHECK(code({{Outcome::Skipped, kError}}) == 0);
  CHECK(code({{Outcome::Broken, kError}}) == 1);
  CHECK(code({{Outcome::Broken, kWarning}}) == 0);
  CHECK(code({{Outcome::Undecided, kError}}) == 3);
  CHECK(code({{Outcome::Undecided, kWarning}}) == 3);
  CHECK(code({{Outcome::Undecided, kError}, {Outcome::Broken, kError}}) == 1);
  CHECK(code({}, false) == 3);
}
