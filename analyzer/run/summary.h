// SPDX-License-Identifier: Apache-2.0
//
// The summary at the end of a run, and the verdict on it, by the program that
// prints them at any other time.
//
// It runs as a process of its own and not in this one: a replay that runs out
// of memory, or that the user interrupts, must not change how we end.
#pragma once

#include <string>
#include <vector>

namespace sagemem::run {

// Runs `sagemem-report TRACE` with its output on our standard error: the
// program's own output stays as it was.  Throws std::system_error when it
// cannot be run; what it cannot read it says itself.
void print_summary(const std::string& trace, const std::string& profile);

// The same for `sagemem-report check TRACES`, with rules in files or as they
// are.  Returns its exit code, which is kExitUndecided when a signal ended it.
[[nodiscard]] int check_traces(const std::vector<std::string>& traces,
                               const std::vector<std::string>& checks,
                               const std::string& profile);
// Whether the rules can be read; what is wrong has been said.  To be asked
// before hours go by.
[[nodiscard]] bool are_rules(const std::vector<std::string>& checks);

}  // namespace sagemem::run
