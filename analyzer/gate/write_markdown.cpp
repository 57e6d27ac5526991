// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gate/outputs.h"
#include "gate/wording.h"
#include "report/text.h"

namespace sagemem::gate {
namespace {

// In a cell of a table: no markup, no end of the cell, no HTML.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : report::printable(text, true)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]|#@~").find(c) != std::string_view::npos)
        result += '\\';
      result += c;
    }
  }
  return result;
}

const char* label_of(const RuleVerdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::Holds:
      return "ok";
    case Outcome::Skipped:
      return "skipped";
    case Outcome::Undecided:
      return "**undecided**";
    case Outcome::Broken:
      break;
  }
  return verdict.rule->severity == Severity::Error ? "**broken**" : "warning";
}

std::string rule_row(const RuleVerdict& verdict) {
  std::string found;
  for (const Finding& one : verdict.findings)
    found += (found.empty() ? "" : "; ") + one.got;
  return fmt::format("| {} | {} | {} |\n", label_of(verdict),
                     cell(verdict.rule->name),
                     cell(verdict.why.empty() ? found : verdict.why));
}

// A fence that nothing inside of it can end.
std::string fenced(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fmt::format("{}text\n{}{}\n", fence, text, fence);
}

std::string details(const Verdict& verdict) {
  std::string text;
  for (const RuleVerdict& one : verdict.rules) {
    if (one.outcome != Outcome::Broken) continue;
    std::string lines;
    for (const DetailLine& line : details_of(one))
      lines += report::printable(line.text, true) + "\n";
    text += fmt::format("\n{}\n\n{}", cell(one.rule->name), fenced(lines));
  }
  return text;
}

std::string change_row(const Change& change) {
  const std::string before =
      change.before ? format_briefly(change.before->middle, change.unit) : "-";
  const std::string after =
      change.after ? format_briefly(*change.after, change.unit) : "-";
  const std::string by = change_text(change);
  return fmt::format("| {} | {} | {} | {} |\n", cell(change.figure), before,
                     after, by.empty() ? "-" : by);
}

std::string trace_text(const Verdict& verdict) {
  std::string text;
  if (!verdict.trace.empty()) text += "\n" + cell(verdict.trace) + "\n";
  if (!verdict.error.empty())
    return text + "\nUnreadable: " + cell(verdict.error) + "\n";
  for (const std::string& gap : verdict.gaps)
    text += "\nIncomplete: " + cell(gap) + "\n";
  text += "\n| | rule | found |\n|---|---|---|\n";
  for (const RuleVerdict& one : verdict.rules) text += rule_row(one);
  text += details(verdict);
  text += "\n| figure | before | after | change |\n|---|---:|---:|---:|\n";
  for (const Change& one : verdict.changes) text += change_row(one);
  return text;
}

}  // namespace

std::string to_markdown(const Verdicts& verdicts) {
  std::string text = fmt::format("### Memory: {}\n", sum_text(verdicts));
  for (const Verdict& one : verdicts) text += trace_text(one);
  return text;
}

}  // namespace sagemem::gate
