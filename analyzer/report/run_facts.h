// SPDX-License-Identifier: Apache-2.0
//
// What stands above every report: which program this was, how it ended, and
// whether the numbers below can be trusted.
#pragma once

#include <string>

#include "model/profile.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// The command line as a shell would take it.
[[nodiscard]] std::string command_text(const model::Profile& profile);
// "exit code 0", "killed by signal 9 (SIGKILL)".
[[nodiscard]] std::string end_text(const model::Profile& profile);
// When recording stopped, in nanoseconds since its start.
[[nodiscard]] std::int64_t stop_time_ns(const model::Profile& profile);
// Whether anyone saw the end.
[[nodiscard]] bool is_end_known(const model::Profile& profile);
// Whether the process is known to have come to its end by itself, so that what
// is live was never released.
[[nodiscard]] bool has_ended(const model::Profile& profile);
// What to call the blocks that are live at the end.
[[nodiscard]] const char* unreleased_label(const model::Profile& profile);

void print_run_facts(Page& page, const Subject& subject);

// Modules that have no names to give, at the end of a report.
void print_missing_symbols(Page& page, const Subject& subject);

}  // namespace sagemem::report
