// SPDX-License-Identifier: Apache-2.0
//
// Traces to reports: opens each, replays it, finds its sites and hands them to
// the report that was asked for.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"
#include "report/output.h"
#include "report/subject.h"

namespace sagemem::cli {

// Opens a trace, finds out what `needs` (of report::Need) asks for, and hands
// it all to `take`.  Throws decode::TraceError.
void with_subject(const std::string& trace, const Options& options,
                  unsigned needs,
                  const std::function<void(const report::Subject&)>& take);

// The report that was asked for, in the form that was.
void print_report(const report::Subject& subject, const Options& options,
                  report::Output& out);

// All of them.  Returns an exit code; what went wrong has been said on stderr.
[[nodiscard]] int run_reports(const Options& options, report::Output& out);

}  // namespace sagemem::cli
