// SPDX-License-Identifier: Apache-2.0
#include "gate/verdict.h"

#include <algorithm>
#include <vector>

namespace sagemem::gate {

std::size_t Verdict::count(Outcome outcome, Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(rules.begin(), rules.end(), [&](const RuleVerdict& one) {
        return one.outcome == outcome && one.rule->severity == severity;
      }));
}

void mask_run(Verdict& verdict) {
  verdict.trace.clear();
  for (RuleVerdict& rule : verdict.rules) {
    for (Finding& finding : rule.findings) {
      if (!finding.is_of_run) continue;
      finding.got = "not shown, changes from run to run";
      finding.value.reset();
      finding.scopes.clear();
      finding.other_scopes = 0;
      finding.sites.clear();
      finding.other_sites = 0;
    }
  }
  std::erase_if(verdict.changes,
                [](const Change& one) { return one.is_of_run; });
}

// What is broken for certain comes first: recording again would not mend it.
int exit_code(const std::vector<Verdict>& verdicts) {
  const auto has = [&verdicts](Outcome outcome, Severity severity) {
    return std::any_of(
        verdicts.begin(), verdicts.end(),
        [&](const Verdict& one) { return one.count(outcome, severity) > 0; });
  };
  if (has(Outcome::Broken, Severity::Error)) return kExitBroken;
  if (has(Outcome::Undecided, Severity::Error) ||
      has(Outcome::Undecided, Severity::Warning))
    return kExitUnreadable;
  const bool is_unreadable =
      std::any_of(verdicts.begin(), verdicts.end(),
                  [](const Verdict& one) { return !one.error.empty(); });
  return is_unreadable ? kExitUnreadable : kExitHolds;
}

}  // namespace sagemem::gate
