// SPDX-License-Identifier: Apache-2.0
//
// A small file as a whole: rules, profiles, baselines.
#pragma once

#include <string>

namespace sagemem::rules {

// "-" is not special.  Throws RuleError, "FILE: why", when it can not be read
// or is beyond what anyone writes: `what` says what it was to be.
[[nodiscard]] std::string read_text_file(const std::string& path,
                                         const char* what);

}  // namespace sagemem::rules
