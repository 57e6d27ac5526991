// SPDX-License-Identifier: Apache-2.0
#include "gate/wording.h"

#include <fmt/format.h>

#include <cmath>

#include "report/units.h"
#include "symbolize/location.h"

namespace sagemem::gate {
namespace {

using report::Tone;

std::string amount_text(const SiteEvidence& site) {
  std::string blocks = report::format_things(site.blocks, "block");
  if (!site.has_bytes) return blocks;
  return fmt::format("{} in {}", report::format_bytes(site.bytes), blocks);
}

std::string site_text(const SiteEvidence& site) {
  const std::string place =
      site.file.empty()
          ? symbolize::base_name(site.module)
          : fmt::format("{}:{}", symbolize::base_name(site.file), site.line);
  const char* const mark =
      site.is_new ? "new, " : (site.is_change ? "more by " : "");
  return fmt::format("  {}{}  {}  {}", mark, amount_text(site), site.function,
                     place);
}

std::string scopes_text(const Finding& finding) {
  std::string text = fmt::format("  {} ", finding.scope_name);
  for (const ScopeEvidence& one : finding.scopes) {
    text +=
        fmt::format("{}{} ({})", &one == finding.scopes.data() ? "" : ", ",
                    one.number, format_briefly(one.value, finding.scope_unit));
  }
  if (finding.other_scopes > 0)
    text +=
        fmt::format(" and {} more", report::format_count(finding.other_scopes));
  return text;
}

void add_details(std::vector<DetailLine>& lines, const Finding& finding,
                 bool is_broken) {
  std::string expected = finding.text;
  if (!finding.expected.empty())
    expected += fmt::format("   ({})", finding.expected);
  lines.push_back({Tone::Plain, "expected  " + expected});
  lines.push_back({is_broken ? Tone::Strong : Tone::Plain,
                   fmt::format("got       {}", finding.got.empty()
                                                   ? "nothing that can be told"
                                                   : finding.got)});
  for (const SiteEvidence& site : finding.sites) {
    lines.push_back({Tone::Plain, site_text(site)});
    if (!site.source.empty())
      lines.push_back({Tone::Dim, "      " + site.source});
  }
  if (finding.other_sites > 0) {
    lines.push_back({Tone::Dim, fmt::format("  and {}", report::format_things(
                                                            finding.other_sites,
                                                            "other site"))});
  }
  if (!finding.scopes.empty())
    lines.push_back({Tone::Plain, scopes_text(finding)});
}

}  // namespace

const char* outcome_key(Outcome outcome) {
  switch (outcome) {
    case Outcome::Holds:
      return "holds";
    case Outcome::Broken:
      return "broken";
    case Outcome::Undecided:
      return "undecided";
    case Outcome::Skipped:
      return "skipped";
  }
  return "";
}

const char* severity_key(Severity severity) {
  return severity == Severity::Error ? "error" : "warning";
}

std::string message_of(const RuleVerdict& verdict) {
  if (verdict.outcome == Outcome::Undecided)
    return "not to be told: " + verdict.why;
  if (verdict.outcome == Outcome::Skipped) return verdict.why;
  std::string text;
  for (const Finding& one : verdict.findings) {
    if (!text.empty()) text += "; ";
    text += fmt::format("{} is {}, expected {}", one.subject,
                        one.got.empty() ? "not known" : one.got, one.expected);
  }
  return text;
}

std::vector<DetailLine> details_of(const RuleVerdict& verdict) {
  std::vector<DetailLine> lines;
  if (verdict.outcome == Outcome::Undecided)
    lines.push_back({Tone::Strong, "not to be told: " + verdict.why});
  if (verdict.outcome == Outcome::Skipped)
    lines.push_back({Tone::Dim, verdict.why});
  for (const Finding& one : verdict.findings)
    add_details(lines, one, verdict.outcome == Outcome::Broken);
  if (verdict.outcome == Outcome::Broken && !verdict.rule->hint.empty())
    lines.push_back({Tone::Plain, "hint: " + verdict.rule->hint});
  return lines;
}

std::string details_text(const RuleVerdict& verdict) {
  std::string text;
  for (const DetailLine& line : details_of(verdict)) text += line.text + "\n";
  return text;
}

SourcePlace place_of(const RuleVerdict& verdict, SourcePaths& paths) {
  for (const Finding& finding : verdict.findings) {
    for (const SiteEvidence& site : finding.sites) {
      if (site.line == 0 || !paths.has(site.file)) continue;
      return {paths.relative(site.file), site.line, 1};
    }
  }
  return place_in_rules(verdict.rule->place, paths);
}

SourcePlace place_in_rules(const SourcePlace& place, SourcePaths& paths) {
  // One of the command line stands nowhere.
  if (place.line == 0) return {kDefaultRules, 1, 1};
  const std::string file = paths.relative(place.file);
  return {file.starts_with('/') ? symbolize::base_name(file) : file, place.line,
          place.column};
}

std::string change_text(const Change& change) {
  if (!change.before || !change.after) return "";
  const double before = change.before->middle;
  const double after = *change.after;
  if (before == after) return "=";
  const std::string sign = after > before ? "+" : "";
  if (before == 0 || change.unit == Unit::Percent)
    return sign + format_briefly(after - before, change.unit);
  return fmt::format("{}{:.1f} %", sign,
                     100 * (after - before) / std::abs(before));
}

std::string sum_text(const std::vector<Verdict>& verdicts) {
  std::size_t rules = 0;
  std::size_t counts[4] = {};
  std::size_t unreadable = 0;
  std::size_t incomplete = 0;
  for (const Verdict& verdict : verdicts) {
    if (!verdict.error.empty()) {
      ++unreadable;
    } else if (!verdict.problem().empty()) {
      ++incomplete;
    }
    for (const RuleVerdict& one : verdict.rules) {
      ++rules;
      ++counts[static_cast<std::size_t>(one.outcome)];
    }
  }
  const auto count = [&counts](Outcome outcome) {
    return counts[static_cast<std::size_t>(outcome)];
  };
  std::string text =
      rules > 0 && count(Outcome::Holds) == rules
          ? fmt::format("{}", rules == 1 ? "the rule holds" : "all rules hold")
          : fmt::format("{} of {} hold", count(Outcome::Holds),
                        report::format_things(rules, "rule"));
  for (const Outcome outcome :
       {Outcome::Broken, Outcome::Undecided, Outcome::Skipped}) {
    if (count(outcome) > 0)
      text += fmt::format(", {} {}", count(outcome), outcome_key(outcome));
  }
  if (unreadable > 0)
    text += ", " + report::format_things(unreadable, "unreadable trace");
  if (incomplete > 0)
    text += ", " + report::format_things(incomplete, "incomplete recording");
  return text;
}

}  // namespace sagemem::gate
