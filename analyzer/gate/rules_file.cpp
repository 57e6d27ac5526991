// SPDX-License-Identifier: Apache-2.0
#include "gate/rules_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "gate/lexer.h"
#include "gate/parse_expression.h"
#include "gate/toml_text.h"
#include "rules/fields.h"
#include "rules/parse_rules.h"
#include "rules/text_file.h"

namespace sagemem::gate {
namespace {

constexpr std::size_t kMaxRules = 1000;
// Of all rules together, and their conditions.
constexpr std::size_t kMaxChecks = 2000;

[[noreturn]] void fail(const SourcePlace& place, const std::string& problem) {
  throw rules::RuleError(fmt::format("{}:{}:{}: {}", place.file, place.line,
                                     place.column, problem));
}

SourcePlace place_of(const toml::node& node, const std::string& source) {
  return {source, node.source().begin.line, node.source().begin.column};
}

// Fills in the expression, or tells where in the file it is wrong.
void parse_into(Check& check, const std::string& text) {
  check.expression.text = text;
  try {
    check.expression = parse_expression(text);
  } catch (const ExpressionError& error) {
    fail(check.place_of(error.offset()), error.what());
  }
}

class RuleSetParser {
 public:
  RuleSetParser(const rules::Fields& file, std::string_view text,
                const std::string& source)
      : file_(file),
        text_(std::make_shared<const std::string>(text)),
        source_(source) {}

  RuleSet parse() {
    file_.allow_only(
        {"baseline", "profile", "suppressions", "wrappers", "rule"});
    if (file_.has("baseline")) {
      result_.baseline = file_.text("baseline");
      result_.baseline_place = place_of(*file_.node("baseline"), source_);
    }
    if (file_.has("profile")) {
      result_.profile = file_.text("profile");
      result_.profile_place = place_of(*file_.node("profile"), source_);
    }
    result_.wrappers = file_.texts("wrappers");
    result_.suppressions = file_.texts("suppressions");
    for (const rules::Fields& one : file_.tables("rule")) add_rule(one);
    if (result_.rules.empty())
      fail({source_, 1, 1}, "no rule: [[rule]] is missing");
    return std::move(result_);
  }

 private:
  void add_rule(const rules::Fields& table) {
    table.allow_only({"name", "check", "when", "severity", "hint"});
    if (result_.rules.size() == kMaxRules)
      table.fail(fmt::format("more than {} rules", kMaxRules));
    Rule rule;
    rule.place = place_of(table.table(), source_);
    rule.name = table.text("name");
    if (!names_.insert(rule.name).second)
      table.fail(*table.node("name"), "two rules of one name");
    rule.checks = checks(table, "check");
    if (rule.checks.empty()) table.fail("'check' is missing");
    rule.when = checks(table, "when");
    if (rule.when.size() > 1)
      table.fail(*table.node("when"), "'when' is one condition");
    if (table.has("hint")) rule.hint = table.text("hint");
    rule.severity = severity(table);
    result_.rules.push_back(std::move(rule));
  }

  static Severity severity(const rules::Fields& table) {
    if (!table.has("severity")) return Severity::Error;
    const std::string name = table.text("severity");
    if (name == "error") return Severity::Error;
    if (name != "warning")
      table.fail(*table.node("severity"),
                 "'severity' is \"error\" or \"warning\"");
    return Severity::Warning;
  }

  [[nodiscard]] std::vector<Check> checks(const rules::Fields& table,
                                          std::string_view key) {
    std::vector<Check> result;
    const std::vector<std::string> texts = table.texts(key);
    const toml::node* const node = table.node(key);
    checks_ += texts.size();
    if (checks_ > kMaxChecks)
      table.fail(*node, fmt::format("more than {} checks", kMaxChecks));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const toml::array* const list = node->as_array();
      const toml::node& one = list != nullptr ? (*list)[i] : *node;
      Check check;
      check.source = source_;
      check.place = place_of(one, source_);
      check.text = text_;
      parse_into(check, texts[i]);
      result.push_back(std::move(check));
    }
    return result;
  }

  const rules::Fields& file_;
  // For the places of mistakes: of all checks together one copy.
  const std::shared_ptr<const std::string> text_;
  const std::string& source_;
  RuleSet result_;
  std::set<std::string> names_;
  std::size_t checks_ = 0;
};

void check_figures(const Check& check, const Baseline* baseline,
                   const std::string& path) {
  each_figure(check.expression.root, [&](const Node& node) {
    const bool is_asked =
        node.use.is_of_baseline || node.use.figure->has(kByBaseline);
    if (!is_asked) return;
    const SourcePlace place = check.place_of(node.begin);
    if (baseline == nullptr)
      fail(place, "there is no baseline to compare with");
    if (!node.use.is_of_baseline) return;
    if (baseline->figures.contains(node.use.key())) return;
    fail(place, fmt::format("{} has no '{}'; write it again with these rules",
                            path, node.use.key()));
  });
}

}  // namespace

SourcePlace Check::place_of(std::size_t offset) const {
  SourcePlace result = place;
  if (text == nullptr) {
    result.column +=
        columns_of(std::string_view(expression.text).substr(0, offset));
    return result;
  }
  const TextPlace moved =
      place_in_string(from_place(*text, place.line, place.column), offset);
  result.line += moved.lines;
  result.column =
      moved.lines == 0 ? result.column + moved.columns : moved.columns + 1;
  return result;
}

RuleSet parse_rule_set(std::string_view text, const std::string& source) {
  const toml::table table = rules::parse_toml(text, source);
  const rules::Fields file(table, source);
  return RuleSetParser(file, text, source).parse();
}

RuleSet load_rule_set(const std::string& path) {
  RuleSet result =
      parse_rule_set(rules::read_text_file(path, "a set of rules"), path);
  const auto folder = std::filesystem::path(path).parent_path();
  if (!result.baseline.empty())
    result.baseline = (folder / result.baseline).string();
  const bool is_file = result.profile.find('/') != std::string::npos ||
                       result.profile.ends_with(".toml");
  if (is_file) result.profile = (folder / result.profile).string();
  for (std::string& file : result.suppressions) file = (folder / file).string();
  return result;
}

Rule parse_check(const std::string& text, std::size_t number) {
  Rule rule;
  rule.name = text;
  Check check;
  check.source = number == 1 ? "--check" : fmt::format("--check {}", number);
  check.place = {check.source, 1, 1};
  parse_into(check, text);
  rule.checks.push_back(std::move(check));
  return rule;
}

std::vector<FigureUse> uses_of(const RuleSet& rules) {
  std::vector<FigureUse> uses;
  const auto add = [&uses](const std::vector<Check>& checks) {
    for (const Check& check : checks) {
      each_figure(check.expression.root,
                  [&uses](const Node& node) { uses.push_back(node.use); });
    }
  };
  for (const Rule& rule : rules.rules) {
    add(rule.checks);
    add(rule.when);
  }
  return uses;
}

void check_baseline(const RuleSet& rules, const Baseline* baseline,
                    const std::string& path) {
  for (const Rule& rule : rules.rules) {
    for (const Check& check : rule.checks) check_figures(check, baseline, path);
    for (const Check& check : rule.when) check_figures(check, baseline, path);
  }
}

}  // namespace sagemem::gate
