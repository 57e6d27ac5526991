// SPDX-License-Identifier: Apache-2.0
//
// For the tools that write a trace anew.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"

namespace sagemem::cli {

// Calls `rewrite` for each trace; says on stderr which was not `done`
// ("packed"), and returns the exit code.
[[nodiscard]] int rewrite_traces(
    const Options& options, const char* done,
    const std::function<void(const std::string& trace)>& rewrite);

}  // namespace sagemem::cli
