// SPDX-License-Identifier: Apache-2.0
//
// A profile in TOML to ProgramRules; sagemem(7) describes the format.  What the
// recorder alone uses (scopes, notes, what labels read) becomes the text that
// it reads in its environment.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "rules/program_rules.h"

namespace sagemem::rules {

// "FILE:LINE:COLUMN: what is wrong"
class RuleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `source` is what errors call the text.
[[nodiscard]] ProgramRules parse_rules(std::string_view text,
                                       const std::string& source);

}  // namespace sagemem::rules
