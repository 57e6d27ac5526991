// SPDX-License-Identifier: Apache-2.0
//
// sagemem-report dump: the only one that streams, without a replay.
#pragma once

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// Returns an exit code.
[[nodiscard]] int run_dump(const Options& options, report::Output& out);

}  // namespace sagemem::cli
