// SPDX-License-Identifier: Apache-2.0
//
// Small facts in words that text and JSON say alike.
#pragma once

#include <string>

#include "model/profile.h"

namespace sagemem::report {

// "time stamp counter, 3.69 GHz".
[[nodiscard]] std::string clock_text(const model::Profile& profile);
// The most that was resident at any time.  The kernel's high-water mark lags
// behind, so a sample may be above it; 0: not known.
[[nodiscard]] std::uint64_t max_resident_bytes(const model::Profile& profile);
// Hexadecimal; "" when the file has none.
[[nodiscard]] std::string build_id_text(const model::Module& module);
// "program, ", "recorder, " or "".
[[nodiscard]] std::string module_role(const model::Module& module);

}  // namespace sagemem::report
