// SPDX-License-Identifier: Apache-2.0
//
// A report that is printed again and again while the program still writes to
// its trace.  Each one is of the whole trace so far and as exact as any; on a
// terminal it takes the place of the one before.
#pragma once

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// Returns an exit code when the program has ended and its last report is out.
[[nodiscard]] int follow(const Options& options, report::Output& out);

}  // namespace sagemem::cli
