// SPDX-License-Identifier: Apache-2.0
//
// sagemem-report pack.
#pragma once

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

// Packs each trace, in place when no output is named.  Returns an exit code.
[[nodiscard]] int run_pack(const Options& options, report::Output& out);

}  // namespace sagemem::cli
