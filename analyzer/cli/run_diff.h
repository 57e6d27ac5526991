// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report diff OLD NEW`.
#pragma once

#include "cli/options.h"
#include "report/output.h"

namespace sagemem::cli {

[[nodiscard]] int run_diff(const Options& options, report::Output& out);

}  // namespace sagemem::cli
