// SPDX-License-Identifier: Apache-2.0
//
// Which built-in profile a program calls for.
#pragma once

#include <string>

#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

// The first, by name, whose required functions all are there; "generic" when
// none is.  To be asked after the sites have been named: only what has been
// read by then counts.
[[nodiscard]] std::string choose_profile(symbolize::Symbolizer& symbols);

}  // namespace sagemem::analysis
