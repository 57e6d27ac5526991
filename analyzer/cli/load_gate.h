// SPDX-License-Identifier: Apache-2.0
//
// The rules and the baseline that a command line asks for.
#pragma once

#include <optional>
#include <string>

#include "cli/options.h"
#include "gate/baseline.h"
#include "gate/rules_file.h"

namespace sagemem::cli {

struct Gate {
  gate::RuleSet rules;
  std::string baseline_path;
  std::optional<gate::Baseline> baseline;
};

// Throws rules::RuleError.
[[nodiscard]] Gate load_gate(const CheckOptions& check);
// The rules alone, which may be none.
[[nodiscard]] gate::RuleSet load_gate_rules(const CheckOptions& check);

// The options of one command, with what the rules say where it says nothing.
// Throws rules::RuleError.
[[nodiscard]] Options with_rules(Options options, const gate::RuleSet& rules);

}  // namespace sagemem::cli
