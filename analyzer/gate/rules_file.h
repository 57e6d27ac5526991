// SPDX-License-Identifier: Apache-2.0
//
// What is to hold: the rules of a TOML file, and those of the command line.
//
//   baseline = "minisage.baseline.toml"
//
//   [[rule]]
//   name = "no forest leaves blocks behind"
//   check = 'scope("forest").escaped.blocks == 0'
//   hint = "sage_per_forest() has to free what it allocates"
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gate/baseline.h"
#include "gate/expression.h"

namespace sagemem::gate {

inline constexpr char kDefaultRules[] = "sagemem.toml";

enum class Severity { Error, Warning };

// Where something stands that somebody wrote.
struct SourcePlace {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Check {
  Expression expression;
  std::string source;  // what errors call the file
  // The file's; nullptr: of the command line.
  std::shared_ptr<const std::string> text;
  SourcePlace place;  // of its first character

  // Where a byte of the expression is.
  [[nodiscard]] SourcePlace place_of(std::size_t offset) const;
};

struct Rule {
  std::string name;
  std::vector<Check> checks;  // all have to hold
  std::vector<Check> when;    // else it is not applied; one at the most
  Severity severity = Severity::Error;
  std::string hint;
  SourcePlace place;
};

struct RuleSet {
  std::vector<Rule> rules;
  std::string baseline;  // a file, found from where the rules are
  SourcePlace baseline_place;
  std::string profile;  // as --profile
  SourcePlace profile_place;
  // As --suppressions: files, found from where the rules are.
  std::vector<std::string> suppressions;
  std::vector<std::string> wrappers;  // as --wrapper
};

// All throw rules::RuleError.
[[nodiscard]] RuleSet parse_rule_set(std::string_view text,
                                     const std::string& source);
[[nodiscard]] RuleSet load_rule_set(const std::string& path);
// One of the command line, the `number`th from 1 on.
[[nodiscard]] Rule parse_check(const std::string& text, std::size_t number);

// Every figure in the rules, of the baseline too, each as often as it is there.
[[nodiscard]] std::vector<FigureUse> uses_of(const RuleSet& rules);

// Throws rules::RuleError when a rule asks for what the baseline does not have;
// nullptr: there is none.
void check_baseline(const RuleSet& rules, const Baseline* baseline,
                    const std::string& path);

}  // namespace sagemem::gate
