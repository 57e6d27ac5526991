// SPDX-License-Identifier: Apache-2.0
#include "analysis/choose_rules.h"

#include <algorithm>

#include "rules/built_in.h"
#include "rules/parse_rules.h"

namespace sagemem::analysis {

std::string choose_profile(symbolize::Symbolizer& symbols) {
  for (const rules::BuiltInProfile& one : rules::built_in_profiles()) {
    const std::string name(one.name);
    const rules::ProgramRules rules = rules::parse_rules(one.text, name);
    if (rules.required.empty()) continue;
    if (std::all_of(rules.required.begin(), rules.required.end(),
                    [&symbols](const std::string& function) {
                      return symbols.has_function(function);
                    })) {
      return name;
    }
  }
  return rules::kGenericProfile;
}

}  // namespace sagemem::analysis
