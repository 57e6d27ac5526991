// SPDX-License-Identifier: Apache-2.0
#include "cli/load_gate.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <utility>

#include "rules/built_in.h"
#include "rules/parse_rules.h"
#include "rules/suppressions.h"
#include "rules/text_file.h"

namespace sagemem::cli {

namespace {

// What the later ones say of other things than rules goes before.
void append(gate::RuleSet& all, gate::RuleSet more) {
  std::move(more.rules.begin(), more.rules.end(),
            std::back_inserter(all.rules));
  std::move(more.wrappers.begin(), more.wrappers.end(),
            std::back_inserter(all.wrappers));
  std::move(more.suppressions.begin(), more.suppressions.end(),
            std::back_inserter(all.suppressions));
  if (!more.baseline.empty()) {
    all.baseline = more.baseline;
    all.baseline_place = more.baseline_place;
  }
  if (!more.profile.empty()) {
    all.profile = more.profile;
    all.profile_place = more.profile_place;
  }
}

// Runs `load` of a file that rules name: what is wrong with that is a mistake
// in the rules, too.
template <typename Load>
auto load_from(const gate::SourcePlace& place, Load load) {
  try {
    return load();
  } catch (const rules::RuleError& error) {
    throw rules::RuleError(fmt::format("{}:{}:{}: {}", place.file, place.line,
                                       place.column, error.what()));
  }
}

// A baseline that is malformed has a place of its own.
gate::Baseline load_baseline_of(const gate::RuleSet& rules) {
  const std::string text = load_from(rules.baseline_place, [&rules] {
    return rules::read_text_file(rules.baseline, "a baseline");
  });
  return gate::parse_baseline(text, rules.baseline);
}

}  // namespace

gate::RuleSet load_gate_rules(const CheckOptions& check) {
  std::vector<std::string> paths = check.rules;
  std::error_code ignored;
  if (paths.empty() && check.checks.empty() &&
      std::filesystem::exists(gate::kDefaultRules, ignored))
    paths.emplace_back(gate::kDefaultRules);
  gate::RuleSet rules;
  for (const std::string& path : paths)
    append(rules, gate::load_rule_set(path));
  std::size_t number = 0;
  for (const std::string& text : check.checks)
    rules.rules.push_back(gate::parse_check(text, ++number));
  return rules;
}

Gate load_gate(const CheckOptions& check) {
  Gate gate;
  gate.rules = load_gate_rules(check);
  if (gate.rules.rules.empty()) {
    throw rules::RuleError(
        "no rules: say --rules or --check; there is no sagemem.toml here");
  }
  if (!check.baseline.empty()) {
    gate.baseline_path = check.baseline;
    gate.baseline = gate::load_baseline(check.baseline);
  } else if (!gate.rules.baseline.empty()) {
    gate.baseline_path = gate.rules.baseline;
    gate.baseline = load_baseline_of(gate.rules);
  }
  gate::check_baseline(gate.rules, gate.baseline ? &*gate.baseline : nullptr,
                       gate.baseline_path);
  return gate;
}

Options with_rules(Options options, const gate::RuleSet& rules) {
  options.wrappers.insert(options.wrappers.end(), rules.wrappers.begin(),
                          rules.wrappers.end());
  for (const std::string& file : rules.suppressions) {
    static_cast<void>(rules::load_suppressions(file));
    options.query.leaks.suppressions.push_back(file);
  }
  if (!options.rules && !rules.profile.empty())
    options.rules = load_from(rules.profile_place, [&rules] {
      return rules::load_rules(rules.profile);
    });
  return options;
}

}  // namespace sagemem::cli
