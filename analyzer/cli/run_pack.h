// SPDX-License-Identifier: Apache-2.0
//
// sagemem-report pack.
#pragma once

#include <string>

namespace sagemem::cli {

// Packs one trace, in place when `output` is empty.  Returns an exit code; what
// went wrong has been said on stderr.
[[nodiscard]] int run_pack(const std::string& trace, const std::string& output);

}  // namespace sagemem::cli
