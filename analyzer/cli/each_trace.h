// SPDX-License-Identifier: Apache-2.0
//
// One trace that cannot be read does not keep the others from being reported.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"

namespace sagemem::cli {

// Calls `take`; returns why the trace cannot be read, or "".
[[nodiscard]] std::string problem_with(const std::function<void()>& take);

// Calls `take`; says on stderr when the trace cannot be read, and returns the
// exit code.
[[nodiscard]] int try_trace(const std::string& trace,
                            const std::function<void()>& take);

// Calls `take` for each; says on stderr which could not be read, and returns
// the exit code.
[[nodiscard]] int each_trace(
    const Options& options,
    const std::function<void(const std::string& trace)>& take);

}  // namespace sagemem::cli
