// SPDX-License-Identifier: Apache-2.0
//
// The summary at the end of a run, by the program that prints it at any other
// time.
//
// It runs as a process of its own and not in this one: a replay that runs out
// of memory, or that the user interrupts, must not change how we end.
#pragma once

#include <string>

namespace sagemem::run {

// Runs `sagemem-report TRACE` with its output on our standard error: the
// program's own output stays as it was.  Throws std::system_error when it
// cannot be run; what it cannot read it says itself.
void print_summary(const std::string& trace, const std::string& profile);

}  // namespace sagemem::run
