// SPDX-License-Identifier: Apache-2.0
#include "gate/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gate/evidence.h"
#include "gate/facts.h"
#include "gate/parse_expression.h"
#include "report/reports.h"
#include "report/run_facts.h"

namespace sagemem::gate {
namespace {

// What is compared in every table of changes.
constexpr const char* kUsual[] = {"peak.bytes", "leaked.bytes", "leaked.blocks",
                                  "allocated.bytes", "allocated.blocks"};

Op mirrored(Op op) {
  switch (op) {
    case Op::Less:
      return Op::Greater;
    case Op::LessEqual:
      return Op::GreaterEqual;
    case Op::Greater:
      return Op::Less;
    case Op::GreaterEqual:
      return Op::LessEqual;
    default:
      return op;
  }
}

const char* words_for(Op op) {
  switch (op) {
    case Op::Equal:
      return "";
    case Op::NotEqual:
      return "anything but ";
    case Op::Less:
      return "less than ";
    case Op::LessEqual:
      return "at most ";
    case Op::Greater:
      return "more than ";
    default:
      return "at least ";
  }
}

bool has_figure(const Node& node) {
  bool found = false;
  each_figure(node, [&found](const Node& one) {
    found = found || !one.use.is_of_baseline;
  });
  return found;
}

// On one line, whatever it was written on.
std::string text_of(const Node& node, const Expression& expression) {
  std::string text;
  for (const char c :
       expression.text.substr(node.begin, node.end - node.begin)) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_blank) text += c;
    if (is_blank && !text.empty() && text.back() != ' ') text += ' ';
  }
  return text;
}

bool is_of_run(const Node& node) {
  bool found = false;
  each_figure(node, [&found](const Node& one) {
    found = found || one.use.figure->has(kOfTheRun);
  });
  return found;
}

// A pattern that chooses no block may be a slip of the pen.
bool matches_nothing(const Node& node, const Facts& facts) {
  bool found = false;
  each_figure(node, [&](const Node& one) {
    found = found || (!one.use.is_of_baseline && facts.is_of_nothing(one.use));
  });
  return found;
}

// The side with a figure of the trace is what was got, the other is what was
// expected of it.
Finding describe(const Compared& compared, const Expression& expression,
                 const Evidences& evidences) {
  const Node& node = *compared.node;
  const bool is_swapped =
      !has_figure(node.inner[0]) && has_figure(node.inner[1]);
  const Node& subject = node.inner[is_swapped ? 1 : 0];
  const Value& got = is_swapped ? compared.right : compared.left;
  const Value& bound = is_swapped ? compared.left : compared.right;
  Op op = is_swapped ? mirrored(node.op) : node.op;
  if (compared.is_negated) op = negated(op);
  Finding finding;
  finding.text = text_of(node, expression);
  finding.subject = text_of(subject, expression);
  finding.unit = subject.unit;
  finding.is_of_run = is_of_run(subject);
  finding.is_bound_of_run = is_of_run(node.inner[is_swapped ? 0 : 1]);
  if (bound.is_known()) {
    finding.bound = bound.band;
    finding.expected = words_for(op) + format_band(bound.band, subject.unit);
  }
  if (got.is_known()) {
    finding.value = got.band.middle;
    finding.got = format_band(got.band, subject.unit);
    if (matches_nothing(subject, evidences.facts()))
      finding.got += ", nothing matches";
  }
  const bool is_wrong =
      compared.truth == (compared.is_negated ? Truth::True : Truth::False);
  if (is_wrong) evidences.add(finding, compared);
  return finding;
}

Outcome outcome_of(Truth truth) {
  if (truth == Truth::Unknown) return Outcome::Undecided;
  return truth == Truth::True ? Outcome::Holds : Outcome::Broken;
}

// Of the comparisons of one check, those that tell why it came out so.
void add_findings(RuleVerdict& verdict, const Evaluation& evaluation,
                  const Check& check, const Evidences& evidences) {
  for (const Compared& one : evaluation.comparisons) {
    const bool is_wrong =
        one.truth == (one.is_negated ? Truth::True : Truth::False);
    if (evaluation.truth == Truth::False && !is_wrong) continue;
    verdict.findings.push_back(describe(one, check.expression, evidences));
  }
}

RuleVerdict check_rule(const Rule& rule, const Evidences& evidences) {
  const Facts& facts = evidences.facts();
  RuleVerdict verdict;
  verdict.rule = &rule;
  for (const Check& when : rule.when) {
    const Evaluation evaluation = evaluate(when.expression, facts);
    if (evaluation.truth == Truth::True) continue;
    verdict.outcome = evaluation.truth == Truth::False ? Outcome::Skipped
                                                       : Outcome::Undecided;
    verdict.why = evaluation.truth == Truth::False
                      ? "not so: " + when.expression.text
                      : evaluation.why;
    return verdict;
  }
  std::vector<Evaluation> evaluations;
  Truth truth = Truth::True;
  for (const Check& check : rule.checks) {
    evaluations.push_back(evaluate(check.expression, facts));
    const Truth one = evaluations.back().truth;
    if (one == Truth::False || truth == Truth::True) truth = one;
    if (one == Truth::Unknown && verdict.why.empty())
      verdict.why = evaluations.back().why;
    if (truth == Truth::False) break;
  }
  verdict.outcome = outcome_of(truth);
  if (verdict.outcome != Outcome::Undecided) verdict.why.clear();
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    if (truth == Truth::False && evaluations[i].truth != truth) continue;
    add_findings(verdict, evaluations[i], rule.checks[i], evidences);
  }
  return verdict;
}

// "exit.code == 134"
bool is_of_the_end(const Node& node) {
  return node.op == Op::Equal &&
         std::any_of(
             node.inner.begin(), node.inner.end(), [](const Node& side) {
               return side.op == Op::Figure && !side.use.is_of_baseline &&
                      side.use.figure->has(kOfTheEnd);
             });
}

// A rule that says how the program has to end, and holds: that it was killed is
// no defect of the recording then.
bool is_end_wanted(const std::vector<RuleVerdict>& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const RuleVerdict& one) {
    const std::vector<Check>& checks = one.rule->checks;
    return one.outcome == Outcome::Holds &&
           std::any_of(checks.begin(), checks.end(), [](const Check& check) {
             return is_of_the_end(check.expression.root);
           });
  });
}

Change change_of(const FigureUse& use, const Facts& facts) {
  Change change;
  change.figure = use.key();
  change.unit = use.figure->unit;
  change.is_of_run = use.figure->has(kOfTheRun);
  if (facts.baseline() != nullptr) {
    const auto found = facts.baseline()->figures.find(change.figure);
    if (found != facts.baseline()->figures.end()) change.before = found->second;
  }
  if (facts.gap_of(use).empty()) change.after = facts.read(use).value;
  return change;
}

std::vector<FigureUse> with_usual(std::vector<FigureUse> uses) {
  for (const char* name : kUsual) uses.push_back(parse_figure(name));
  return uses;
}

// The usual ones first, then those that the rules name.
std::vector<Change> find_changes(const std::vector<FigureUse>& uses,
                                 const Facts& facts) {
  std::vector<Change> changes;
  std::set<std::string> known;
  const auto add = [&](FigureUse use) {
    use.is_of_baseline = false;
    if (known.insert(use.key()).second)
      changes.push_back(change_of(use, facts));
  };
  for (const char* name : kUsual) add(parse_figure(name));
  for (const FigureUse& use : uses) add(use);
  return changes;
}

std::vector<SuppressionEvidence> find_suppressions(const Facts& facts) {
  std::vector<SuppressionEvidence> result;
  if (facts.leaks() == nullptr) return result;
  for (const analysis::SuppressionUse& use : facts.leaks()->report.uses) {
    const rules::Suppression& one = *use.suppression;
    if (use.stacks == 0 && one.is_built_in()) continue;
    result.push_back({one.name, one.is_built_in() ? "" : one.file, one.line,
                      one.reason, use.stacks, use.amount.blocks,
                      use.amount.bytes});
  }
  return result;
}

}  // namespace

Verdict check_trace(const report::Subject& subject, const RuleSet& rules,
                    const Baseline* baseline, SourcePaths& paths) {
  std::vector<FigureUse> uses = uses_of(rules);
  // What is asked of the baseline is shown beside what there is now.
  for (FigureUse& use : uses) use.is_of_baseline = false;
  uses = with_usual(std::move(uses));
  const Facts facts(subject, baseline, uses);
  const Evidences evidences(facts, paths);
  Verdict verdict;
  verdict.trace = subject.trace;
  verdict.command = report::command_text(subject.profile);
  verdict.end = report::end_text(subject.profile);
  verdict.gaps = facts.recording().gaps();
  for (const Rule& rule : rules.rules)
    verdict.rules.push_back(check_rule(rule, evidences));
  verdict.is_end_wanted =
      facts.recording().is_whole_to_the_end() && is_end_wanted(verdict.rules);
  verdict.changes = find_changes(uses, facts);
  verdict.suppressions = find_suppressions(facts);
  return verdict;
}

unsigned needs_of(const std::vector<FigureUse>& uses) {
  unsigned needs = 0;
  for (const FigureUse& use : uses) {
    if (use.about == About::Scope || use.about == About::Floor ||
        use.about == About::Resident || use.about == About::Cost)
      needs |= report::kInferredScopes;
    if (use.about == About::Limit) needs |= report::kOverTime;
  }
  return needs;
}

}  // namespace sagemem::gate
