// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report check`: rules against traces, and an exit code for CI.
#pragma once

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// Returns an exit code; what went wrong has been said on stderr.
[[nodiscard]] int run_check(const Options& options, report::Output& out);

}  // namespace sagemem::cli
