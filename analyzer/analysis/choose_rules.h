// SPDX-License-Identifier: Apache-2.0
//
// Which built-in profile a program calls for.
#pragma once

#include <string>

#include "model/stack_tree.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

// The first, by name, whose required functions all are there; "generic" when
// none is.  To be asked after the sites have been named: only what has been
// read by then counts.
[[nodiscard]] std::string choose_profile(symbolize::Symbolizer& symbols);

// Asks each module for one of its names, so that choose_profile() knows them
// all.
void look_into_modules(const model::StackTree& stacks,
                       symbolize::Symbolizer& symbols);

}  // namespace sagemem::analysis
