// SPDX-License-Identifier: Apache-2.0
//
// The summary at the end of a run, from the program that prints it at any
// other time.
#pragma once

#include <string>

namespace sagemem::run {

// Runs `sagemem-report TRACE` with its output on our standard error: the
// program's own output stays as it was.
void print_summary(const std::string& trace_path);

}  // namespace sagemem::run
