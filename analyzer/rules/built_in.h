// SPDX-License-Identifier: Apache-2.0
//
// The profiles that sagemem-report brings along: those of
// include/sagemem/profiles, compiled in by embed_profiles.py.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/program_rules.h"

namespace sagemem::rules {

struct BuiltInProfile {
  std::string_view name;
  std::string_view text;
};

// By name.
[[nodiscard]] std::span<const BuiltInProfile> built_in_profiles();

// The one that fits any program.
inline constexpr char kGenericProfile[] = "generic";

// Nothing when there is none of this name.
[[nodiscard]] const BuiltInProfile* find_built_in(std::string_view name);

// A built-in profile's name, or a file: what has a slash or ends in .toml.
// Throws RuleError, also when it can not be read.
[[nodiscard]] ProgramRules load_rules(const std::string& name_or_file);

}  // namespace sagemem::rules
