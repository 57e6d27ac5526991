// SPDX-License-Identifier: Apache-2.0
#include "gate/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "symbolize/location.h"

namespace sagemem::gate {
namespace {

constexpr const char* kVaries = "not shown, changes from run to run";

// The words of a command, of paths the last part: a job runs in a directory of
// its own.
std::string without_places(const std::string& command) {
  std::string result;
  std::size_t begin = 0;
  while (begin < command.size()) {
    const std::size_t end = std::min(command.find(' ', begin), command.size());
    const std::string word = command.substr(begin, end - begin);
    if (begin > 0) result += ' ';
    result += word.starts_with('/') ? symbolize::base_name(word) : word;
    begin = end + 1;
  }
  return result;
}

void mask_finding(Finding& finding, SourcePaths& paths) {
  if (finding.is_of_run) {
    finding.got = kVaries;
    finding.value.reset();
  }
  if (finding.is_bound_of_run) {
    finding.expected = kVaries;
    finding.bound.reset();
  }
  if (finding.is_of_run || finding.is_bound_of_run) {
    finding.scopes.clear();
    finding.other_scopes = 0;
    finding.sites.clear();
    finding.other_sites = 0;
  }
  for (SiteEvidence& site : finding.sites) {
    if (!site.file.empty()) site.file = paths.relative(site.file);
    site.module = symbolize::base_name(site.module);
  }
}

}  // namespace

std::size_t Verdict::count(Outcome outcome, Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(rules.begin(), rules.end(), [&](const RuleVerdict& one) {
        return one.outcome == outcome && one.rule->severity == severity;
      }));
}

std::string Verdict::problem() const {
  if (!error.empty()) return error;
  if (is_whole() || count(Outcome::Undecided, Severity::Error) > 0 ||
      count(Outcome::Undecided, Severity::Warning) > 0)
    return "";
  return fmt::format("the recording is not complete: {}",
                     fmt::join(gaps, "; "));
}

void mask_run(Verdict& verdict, SourcePaths& paths) {
  verdict.trace.clear();
  verdict.command = without_places(verdict.command);
  if (!verdict.error.empty()) verdict.error = "it can not be read";
  for (RuleVerdict& rule : verdict.rules) {
    for (Finding& finding : rule.findings) mask_finding(finding, paths);
  }
  std::erase_if(verdict.changes,
                [](const Change& one) { return one.is_of_run; });
}

// What is broken for certain comes first: recording again would not mend it.
// What is not the record of a whole run never passes, whatever the rules ask.
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
  const bool are_whole =
      std::all_of(verdicts.begin(), verdicts.end(),
                  [](const Verdict& one) { return one.is_whole(); });
  return are_whole ? kExitHolds : kExitUnreadable;
}

}  // namespace sagemem::gate
