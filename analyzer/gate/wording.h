// SPDX-License-Identifier: Apache-2.0
//
// What a verdict says, in the words that all outputs have in common.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gate/source_paths.h"
#include "gate/verdict.h"
#include "report/page.h"

namespace sagemem::gate {

// "holds", "broken", "undecided", "skipped"
[[nodiscard]] const char* outcome_key(Outcome outcome);
// "error", "warning"
[[nodiscard]] const char* severity_key(Severity severity);

// One line: "leaked.blocks is 12, expected 0".
[[nodiscard]] std::string message_of(const RuleVerdict& verdict);

struct DetailLine {
  report::Tone tone = report::Tone::Plain;
  std::string text;
};
// Expected and got, the sites, the scopes, the hint.  Nothing is made harmless
// for a terminal yet.
[[nodiscard]] std::vector<DetailLine> details_of(const RuleVerdict& verdict);
// The same as one text.
[[nodiscard]] std::string details_text(const RuleVerdict& verdict);

// Where to send who has to mend it: the first site with a line in the
// repository, else the rule.
[[nodiscard]] SourcePlace place_of(const RuleVerdict& verdict,
                                   SourcePaths& paths);
// A place of a rule as one in the repository, whatever there is of it: services
// refuse what has no place.
[[nodiscard]] SourcePlace place_in_rules(const SourcePlace& place,
                                         SourcePaths& paths);

// "+12.4 %"; "" where there is nothing to compare.
[[nodiscard]] std::string change_text(const Change& change);

// "2 of 5 rules are broken, 1 is undecided"
[[nodiscard]] std::string sum_text(const std::vector<Verdict>& verdicts);

}  // namespace sagemem::gate
