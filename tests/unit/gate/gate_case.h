// SPDX-License-Identifier: Apache-2.0
//
// A trace as text, replayed and named, for rules to be checked against.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gate/check.h"
#include "gate/facts.h"
#include "gate/rules_file.h"
#include "gate/source_paths.h"
#include "report/subject.h"
#include "text_trace.h"

namespace sagemem::test {

// Every frame is a function of its name, in NAME.c, on line 10.
class GateCase {
 public:
  // `change`: of the header, before the trace is written.
  explicit GateCase(std::string_view text,
                    void (*change)(trace::FileHeader&) = nullptr,
                    const std::string& profile = "generic");
  GateCase(const GateCase&) = delete;
  GateCase& operator=(const GateCase&) = delete;
  ~GateCase();

  [[nodiscard]] const report::Subject& subject() const;

  [[nodiscard]] gate::Verdict check(const gate::RuleSet& rules) const;
  // One rule, without a baseline.
  [[nodiscard]] gate::RuleVerdict check(const std::string& rule) const;
  [[nodiscard]] gate::Outcome outcome(const std::string& rule) const;
  [[nodiscard]] gate::RuleVerdict check(const std::string& rule,
                                        const gate::Baseline& baseline) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  // Of the verdicts that were handed out.
  mutable std::vector<std::unique_ptr<gate::RuleSet>> rules_;
  mutable gate::SourcePaths paths_{""};
};

// Two scopes of a rule, of which the second leaves a block behind.
inline constexpr std::string_view kScopes = R"(
  0 session rule 0 scope forest (number)
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

// What comes of a rule; `why` is in the reason.
void holds(const GateCase& one, const std::string& rule);
void undecided(const GateCase& one, const std::string& rule,
               const std::string& why);

// Ended by exit(0).
void end_well(trace::FileHeader& header);

// How a check of one rule ends, with a condition that it has.
[[nodiscard]] int exit_code_of(const GateCase& one, const std::string& rule,
                               const std::string& when = "");

// The figures that a rule says to need, for what has no trace.
[[nodiscard]] gate::RuleSet rule_set(const std::string& rule);

}  // namespace sagemem::test
