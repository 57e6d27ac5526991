// SPDX-License-Identifier: Apache-2.0
//
// Traces to reports: opens each, replays it, finds its sites and hands them to
// the report that was asked for.
#pragma once

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// Returns an exit code.
[[nodiscard]] int run_reports(const Options& options, report::Output& out);

}  // namespace sagemem::cli
