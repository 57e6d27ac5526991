// SPDX-License-Identifier: Apache-2.0
//
// The exit codes of sagemem-run that are its own.  Every other code is the
// program's, or, when that is 0, the one of `sagemem-report check`.  The
// numbers are those of env(1), nohup(1) and timeout(1) as far as they have one
// for the case.
#pragma once

namespace sagemem::run {

inline constexpr int kExitUndecided = 3;        // of --check, as its other two
inline constexpr int kExitCannotProfile = 124;  // it would run, unrecorded
inline constexpr int kExitFailed = 125;         // wrong arguments, no library
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

}  // namespace sagemem::run
