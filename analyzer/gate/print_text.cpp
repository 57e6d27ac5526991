// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gate/outputs.h"
#include "gate/wording.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::gate {
namespace {

using report::Page;
using report::Tone;

// Columns of the outcome in front of a rule.
constexpr std::size_t kOutcome = 11;

Tone tone_of(const RuleVerdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::Holds:
      return Tone::Good;
    case Outcome::Skipped:
      return Tone::Dim;
    case Outcome::Broken:
    case Outcome::Undecided:
      break;
  }
  return Tone::Bad;
}

std::string label_of(const RuleVerdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::Holds:
      return "ok";
    case Outcome::Skipped:
      return "skipped";
    case Outcome::Undecided:
      return "UNDECIDED";
    case Outcome::Broken:
      break;
  }
  return verdict.rule->severity == Severity::Error ? "BROKEN" : "warning";
}

// What a rule that holds says: one line.
std::string brief(const RuleVerdict& verdict) {
  std::string text;
  for (const Finding& one : verdict.findings) {
    if (one.got.empty()) continue;
    text += fmt::format("{}{} is {}", text.empty() ? "" : "; ", one.subject,
                        one.got);
  }
  return text;
}

void print_rule(Page& page, const RuleVerdict& verdict) {
  const std::size_t room = page.width() - kOutcome;
  const std::string indent(kOutcome, ' ');
  page.line(page.paint(tone_of(verdict),
                       report::pad_right(label_of(verdict), kOutcome)) +
            report::shorten_end(page.clean(verdict.rule->name), room));
  if (verdict.outcome == Outcome::Holds) {
    page.line(indent +
              page.paint(Tone::Dim, report::shorten_end(
                                        page.clean(brief(verdict)), room)));
    return;
  }
  // In full: a log has no other place where the rest could be looked up.
  for (const DetailLine& line : details_of(verdict))
    page.line(indent + page.paint(line.tone, page.clean(line.text)));
}

// What is hidden is told in a line each, so that it does not grow unseen.
void print_suppressions(Page& page, const Verdict& verdict) {
  for (const SuppressionEvidence& one : verdict.suppressions) {
    const std::string place = one.file.empty()
                                  ? "built in"
                                  : fmt::format("{}:{}", one.file, one.line);
    const std::string label =
        report::pad_right(one.stacks > 0 ? "suppressed" : "unused", kOutcome);
    const std::string amount =
        one.stacks > 0
            ? fmt::format("{} in {}: ", report::format_bytes(one.bytes),
                          report::format_things(one.blocks, "block"))
            : std::string();
    page.line(page.paint(Tone::Dim,
                         label + page.clean(fmt::format("{}{}  ({})", amount,
                                                        one.name, place))));
  }
}

void print_trace(Page& page, const Verdict& verdict) {
  if (!verdict.trace.empty()) page.field("Trace", page.clean(verdict.trace));
  if (!verdict.error.empty()) {
    page.field("Unreadable", page.clean(verdict.error), Tone::Bad);
    return;
  }
  page.field("Command", report::shorten_end(page.clean(verdict.command),
                                            page.width() - Page::kLabel));
  page.field("Ended", page.clean(verdict.end));
  if (verdict.gaps.empty()) {
    page.field("Recording", "complete", Tone::Good);
  } else {
    for (const std::string& gap : verdict.gaps) {
      page.field(&gap == verdict.gaps.data() ? "Recording" : "",
                 "INCOMPLETE: " + page.clean(gap), Tone::Bad);
    }
  }
  page.blank();
  for (const RuleVerdict& one : verdict.rules) print_rule(page, one);
  print_suppressions(page, verdict);
}

const char* exit_text(int code) {
  switch (code) {
    case kExitHolds:
      return "exit code 0";
    case kExitBroken:
      return "exit code 1: a rule is broken";
    default:
      return "exit code 3: not all can be told";
  }
}

}  // namespace

void print_verdicts(Page& page, const Verdicts& verdicts) {
  for (const Verdict& one : verdicts) {
    print_trace(page, one);
    page.blank();
  }
  const int code = exit_code(verdicts);
  page.field("Verdict",
             fmt::format("{} ({})", sum_text(verdicts), exit_text(code)),
             code == kExitHolds ? Tone::Good : Tone::Bad);
}

}  // namespace sagemem::gate
