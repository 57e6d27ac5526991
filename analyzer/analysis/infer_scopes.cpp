// SPDX-License-Identifier: Apache-2.0
#include "analysis/infer_scopes.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "analysis/scope_groups.h"
#include "sagemem/trace/format.h"

namespace sagemem::analysis {
namespace {

using model::Probe;
using model::ScopeRule;
using trace::ProbeMethod;

bool is_unseen(const ScopeRule& rule) {
  return rule.use == trace::RuleUse::Scope && !rule.probes.empty() &&
         std::all_of(rule.probes.begin(), rule.probes.end(),
                     [](const Probe& probe) {
                       return probe.method == ProbeMethod::None ||
                              probe.method == ProbeMethod::Inferred;
                     });
}

// The function itself, or what compilers and demanglers make of its name:
// f.constprop.0, f(int).
bool is_called(std::string_view function, std::string_view symbol) {
  if (symbol.empty() || !function.starts_with(symbol)) return false;
  const std::string_view rest = function.substr(symbol.size());
  return rest.empty() || rest.front() == '.' || rest.front() == '(';
}

bool leads_through(const Probe& probe, const model::Frame& frame,
                   symbolize::Symbolizer& symbols) {
  if (probe.holds(frame)) return true;
  const symbolize::Locations locations = symbols.resolve(frame);
  return std::any_of(locations.begin(), locations.end(),
                     [&probe](const symbolize::Location* location) {
                       return is_called(location->function, probe.symbol);
                     });
}

model::InferredRule infer(const ScopeRule& rule, const model::Profile& profile,
                          symbolize::Symbolizer& symbols) {
  model::InferredRule result;
  result.number = rule.number;
  result.leads.resize(profile.stacks.size());
  std::vector<const Probe*> begins;
  bool has_end = false;
  for (const Probe& probe : rule.probes) {
    if ((probe.roles & trace::kProbeBegins) != 0) begins.push_back(&probe);
    if ((probe.roles & trace::kProbeEnds) != 0) has_end = true;
    const bool is_both = (probe.roles & trace::kProbeBegins) != 0 &&
                         (probe.roles & trace::kProbeEnds) != 0;
    if (is_both) has_end = false;
  }
  result.has_own_end = has_end;
  // Outer frames have the smaller ids.
  for (model::StackId stack = 1; stack < profile.stacks.size(); ++stack) {
    const model::Frame& frame = profile.stacks.frame(stack);
    result.leads[stack] =
        result.leads[profile.stacks.outer(stack)] ||
        std::any_of(begins.begin(), begins.end(), [&](const Probe* probe) {
          return leads_through(*probe, frame, symbols);
        });
  }
  return result;
}

bool has_scopes(const model::ScopeProfile& profile, const ScopeRule& rule) {
  return std::any_of(profile.scopes.begin(), profile.scopes.end(),
                     [&](const model::Scope& scope) {
                       return profile.rules[scope.rule].name == rule.name;
                     });
}

bool leads_anywhere(const model::InferredRule& rule) {
  return std::find(rule.leads.begin(), rule.leads.end(), true) !=
         rule.leads.end();
}

// No trace has rules of such numbers: the recorder's are below 2^16.
constexpr std::uint64_t kFirstAdded = std::uint64_t{1} << 32;

// "scope forest = load_tree .. free_tree (number=arg1)"; empty: it is no rule
// of scopes that a function begins.
struct ScopeFunctions {
  std::string name;
  std::string begin;
  std::string end;  // empty: the same
};

ScopeFunctions read_functions(const std::string& rule) {
  std::istringstream words(rule);
  std::string use;
  std::string equals;
  std::string dots;
  ScopeFunctions result;
  words >> use >> result.name >> equals >> result.begin >> dots;
  if (use != "scope" || equals != "=" || result.begin == "each") return {};
  if (dots == "..") words >> result.end;
  return result;
}

ScopeRule make_rule(const ScopeFunctions& scope, std::uint64_t number) {
  ScopeRule rule;
  rule.number = number;
  rule.name = scope.name;
  rule.is_built_in = true;
  const auto add = [&rule](const std::string& symbol, std::uint64_t roles) {
    Probe probe;
    probe.symbol = symbol;
    probe.roles = roles;
    rule.probes.push_back(std::move(probe));
  };
  add(scope.begin,
      trace::kProbeBegins | (scope.end.empty() ? trace::kProbeEnds : 0));
  if (!scope.end.empty()) add(scope.end, trace::kProbeEnds);
  return rule;
}

}  // namespace

std::vector<model::InferredRule> rules_to_infer(
    const model::Profile& profile, symbolize::Symbolizer& symbols) {
  std::vector<model::InferredRule> result;
  std::vector<std::string_view> names;
  for (const ScopeRule& rule : profile.scopes.rules) {
    // Of alternatives the first that is found counts.
    const bool is_done =
        std::find(names.begin(), names.end(), rule.name) != names.end();
    if (is_done || !is_unseen(rule) || has_scopes(profile.scopes, rule)) {
      continue;
    }
    model::InferredRule inferred = infer(rule, profile, symbols);
    if (!leads_anywhere(inferred)) continue;
    names.push_back(rule.name);
    result.push_back(std::move(inferred));
  }
  return result;
}

bool knows_scopes(const model::Profile& profile) {
  return std::any_of(
      profile.scopes.rules.begin(), profile.scopes.rules.end(),
      [](const ScopeRule& rule) { return rule.use == trace::RuleUse::Scope; });
}

AddedScopes scopes_to_infer(const model::Profile& profile,
                            const rules::ProgramRules& rules,
                            symbolize::Symbolizer& symbols) {
  AddedScopes result;
  std::vector<std::string> names;
  for (const std::string& text : rules.recorder) {
    const ScopeFunctions scope = read_functions(text);
    // Of alternatives the first that is found counts.
    if (scope.begin.empty() ||
        std::find(names.begin(), names.end(), scope.name) != names.end()) {
      continue;
    }
    ScopeRule rule = make_rule(scope, kFirstAdded + result.added.size());
    model::InferredRule inferred = infer(rule, profile, symbols);
    if (!leads_anywhere(inferred)) continue;
    names.push_back(scope.name);
    result.inferred.push_back(std::move(inferred));
    result.added.push_back(std::move(rule));
  }
  return result;
}

void mark_inferred(model::ScopeProfile& profile,
                   const std::vector<model::InferredRule>& inferred,
                   const std::vector<model::ScopeRule>& added) {
  for (ScopeRule& rule : profile.rules) {
    for (const ScopeRule& one : added) {
      if (rule.number == one.number) rule = one;
    }
  }
  for (const model::InferredRule& one : inferred) {
    for (ScopeRule& rule : profile.rules) {
      if (rule.number != one.number) continue;
      for (Probe& probe : rule.probes) probe.method = ProbeMethod::Inferred;
    }
  }
}

}  // namespace sagemem::analysis
