// SPDX-License-Identifier: Apache-2.0
//
// The file that a command name stands for, found as execvp(3) finds it, but
// before anything is started, so that it can be looked at first.
#pragma once

#include <string>
#include <variant>

#include "run/refusal.h"

namespace sagemem::run {

// A path, or why there is none.
[[nodiscard]] std::variant<std::string, Refusal> find_program(
    const std::string& name);

}  // namespace sagemem::run
