// SPDX-License-Identifier: Apache-2.0
//
// How sagemem-report ends; sagemem-report(1) documents them.
#pragma once

namespace sagemem::cli {

inline constexpr int kExitOk = 0;          // a cut-off tail is normal
inline constexpr int kExitRuleBroken = 1;  // of `check`
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnreadable = 3;  // at least one trace, or not whole
inline constexpr int kExitNoOutput = 4;    // the report could not be written

}  // namespace sagemem::cli
