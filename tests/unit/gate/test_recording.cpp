// SPDX-License-Identifier: Apache-2.0
//
// Rules on traces that are not whole, and how a check ends.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gate_case.h"

using namespace sagemem;
using gate::Outcome;
using test::GateCase;
using test::holds;
using test::kScopes;
using test::undecided;

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

TEST_CASE("frames that miss in call stacks") {
  const auto with = [](trace::Notice notice) {
    static trace::Notice which;
    which = notice;
    return std::make_unique<GateCase>(kScopes, [](trace::FileHeader& header) {
      header.notices[static_cast<std::size_t>(which)] = 2;
    });
  };
  const auto deep = with(trace::Notice::StackTruncated);
  undecided(*deep, "within(\"forest\").leaked.blocks == 0", "2 call stacks");
  holds(*deep, "wrapper(\"mymalloc\").live_blocks == 2");
  holds(*deep, "scope(\"forest\").peak == 700");
  for (const trace::Notice notice :
       {trace::Notice::UnwindFailed, trace::Notice::StackGuessed}) {
    const auto failed = with(notice);
    undecided(*failed, "within(\"forest\").leaked.blocks == 0", "2 call");
    undecided(*failed, "wrapper(\"mymalloc\").live_blocks == 2", "2 call");
    holds(*failed, "leaked.blocks == 1");
    holds(*failed, "scope(\"forest\").peak == 700");
    CHECK(test::exit_code_of(*failed, "leaked.blocks == 1") == 0);
  }
  const GateCase inferred(
      std::string(kScopes) +
          "  5000 session probe 0 begin end inferred 0x401000 288 f\n",
      [](trace::FileHeader& header) {
        header.notices[static_cast<std::size_t>(trace::Notice::UnwindFailed)] =
            2;
      });
  undecided(inferred, "scope(\"forest\").escaped.blocks == 1", "2 call stacks");
  const auto refused = with(trace::Notice::ProbesRefused);
  undecided(*refused, "scope(\"forest\").escaped.blocks == 1", "not seen");
}

TEST_CASE("a recording that is not whole never passes") {
  const auto killed = [](trace::FileHeader& header) {
    header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Signal);
    header.end_status = 9;
  };
  const GateCase one(kScopes, killed);
  CHECK(test::exit_code_of(one, "lost.events == 0") == 3);
  CHECK(test::exit_code_of(one, "1 == 1") == 3);
  CHECK(test::exit_code_of(one, "1 == 1", "exit.code == 0") == 3);
  CHECK(test::exit_code_of(one, "1 == 2") == 1);
  // Unless it is what is wanted of it.
  CHECK(test::exit_code_of(one, "exit.code == 137") == 0);
  CHECK(test::exit_code_of(one, "1 == 1", "exit.code == 137") == 3);
  CHECK(test::exit_code_of(one, "exit.code != 1") == 3);
  CHECK(test::exit_code_of(one, "1 == 1 or exit.code == 0") == 3);
  CHECK(test::exit_code_of(one, "exit.code == 137 and peak == 800") == 3);
  const GateCase replaced(kScopes, [](trace::FileHeader& header) {
    header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Exec);
  });
  CHECK(replaced.outcome("peak == 800") == Outcome::Holds);
  CHECK(test::exit_code_of(replaced, "peak == 800") == 3);
  const GateCase missed(kScopes, [](trace::FileHeader& header) {
    header.notices[static_cast<std::size_t>(trace::Notice::ScopesMissed)] = 1;
  });
  CHECK(test::exit_code_of(missed, "exit.code == 0") == 3);
  CHECK(test::exit_code_of(GateCase(kScopes), "peak == 800") == 0);
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
