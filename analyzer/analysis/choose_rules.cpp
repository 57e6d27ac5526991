// SPDX-License-Identifier: Apache-2.0
#include "analysis/choose_rules.h"

#include <algorithm>
#include <set>
#include <vector>

#include "rules/built_in.h"
#include "rules/parse_rules.h"

namespace sagemem::analysis {

namespace {

struct Requirement {
  std::string name;  // of the profile
  std::vector<std::string> functions;
};

std::vector<Requirement> read_requirements() {
  std::vector<Requirement> result;
  for (const rules::BuiltInProfile& one : rules::built_in_profiles()) {
    const std::string name(one.name);
    result.push_back({name, rules::parse_rules(one.text, name).required});
  }
  return result;
}

}  // namespace

std::string choose_profile(symbolize::Symbolizer& symbols) {
  static const std::vector<Requirement> requirements = read_requirements();
  for (const Requirement& one : requirements) {
    if (!one.functions.empty() &&
        std::all_of(one.functions.begin(), one.functions.end(),
                    [&symbols](const std::string& function) {
                      return symbols.has_function(function);
                    })) {
      return one.name;
    }
  }
  return rules::kGenericProfile;
}

void look_into_modules(const model::StackTree& stacks,
                       symbolize::Symbolizer& symbols) {
  std::set<std::uint32_t> seen;
  for (model::StackId stack = 1; stack < stacks.size(); ++stack) {
    const model::Frame& frame = stacks.frame(stack);
    if (!seen.insert(frame.module).second) continue;
    static_cast<void>(symbols.resolve(frame));
  }
}

}  // namespace sagemem::analysis
