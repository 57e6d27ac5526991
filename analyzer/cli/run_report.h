// SPDX-License-Identifier: Apache-2.0
//
// Traces to reports: opens each, replays it, finds its sites and hands them to
// the report that was asked for.
#pragma once

#include <string>

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// One of them; throws TraceError.
void report_trace(const std::string& trace, const Options& options,
                  report::Output& out);

// All of them.  Returns an exit code; what went wrong has been said on stderr.
[[nodiscard]] int run_reports(const Options& options, report::Output& out);

}  // namespace sagemem::cli
