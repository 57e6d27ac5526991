// SPDX-License-Identifier: Apache-2.0
//
// One trace to one report: opens it, replays it, finds its sites and hands
// them to the report that was asked for.
#pragma once

#include <string>

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// Throws decode::TraceError when the trace cannot be read.
void run_report(const std::string& trace, const Options& options,
                report::Output& out);

}  // namespace sagemem::cli
