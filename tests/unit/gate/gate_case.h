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

// Ended by exit(0).
void end_well(trace::FileHeader& header);

// The figures that a rule says to need, for what has no trace.
[[nodiscard]] gate::RuleSet rule_set(const std::string& rule);

}  // namespace sagemem::test
