// SPDX-License-Identifier: Apache-2.0
//
// The environment that makes the dynamic loader and libsagemem.so do what the
// options ask.  Only the child gets it: the summary that we print afterwards
// runs in our own.
#pragma once

#include <string>
#include <vector>

#include "run/options.h"

namespace sagemem::run {

// The pattern for the traces, absolute: a child that changes its directory
// writes beside the others.  `%` of the directory's own name is doubled.
[[nodiscard]] std::string output_pattern(const Options& options);

// Ours, with LD_PRELOAD and SAGEMEM_* set.
[[nodiscard]] std::vector<std::string> recording_environment(
    const Options& options, const std::string& library,
    const std::string& pattern);

}  // namespace sagemem::run
