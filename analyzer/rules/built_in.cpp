// SPDX-License-Identifier: Apache-2.0
#include "rules/built_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "rules/parse_rules.h"
#include "rules/text_file.h"

namespace sagemem::rules {
namespace {

std::string known_names() {
  std::string names;
  for (const BuiltInProfile& one : built_in_profiles()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
  }
  return names;
}

}  // namespace

const BuiltInProfile* find_built_in(std::string_view name) {
  const auto profiles = built_in_profiles();
  const auto found = std::find_if(
      profiles.begin(), profiles.end(),
      [name](const BuiltInProfile& one) { return one.name == name; });
  return found == profiles.end() ? nullptr : &*found;
}

namespace {

ProgramRules read_rules(const std::string& name_or_file) {
  if (const BuiltInProfile* const found = find_built_in(name_or_file)) {
    return parse_rules(found->text, std::string(found->name));
  }
  if (name_or_file.find('/') == std::string::npos &&
      !name_or_file.ends_with(".toml")) {
    throw RuleError(fmt::format("no profile '{}'; there are {}, or a file",
                                name_or_file, known_names()));
  }
  return parse_rules(read_text_file(name_or_file, "a profile"), name_or_file);
}

}  // namespace

ProgramRules load_rules(const std::string& name_or_file) {
  ProgramRules rules = read_rules(name_or_file);
  // Built-in profiles lead to built-in ones, and to none twice.
  std::string base = rules.base;
  while (!base.empty()) {
    const BuiltInProfile* const found = find_built_in(base);
    if (found == nullptr) {
      throw RuleError(fmt::format("{}: no built-in profile '{}' to build upon",
                                  name_or_file, base));
    }
    ProgramRules more = parse_rules(found->text, base);
    std::move(more.categories.begin(), more.categories.end(),
              std::back_inserter(rules.categories));
    base = more.base;
  }
  if (!rules.rest.empty()) {
    CategoryRule rest;
    rest.name = rules.rest;
    rest.modules = {"*"};
    rules.categories.push_back(std::move(rest));
  }
  return rules;
}

}  // namespace sagemem::rules
