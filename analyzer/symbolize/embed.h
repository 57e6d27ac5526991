// SPDX-License-Identifier: Apache-2.0
//
// All that the files at hand say of the frames of a profile, as the symbols of
// a trace (decode/symbol_section).  What is asked here is what reports ask, so
// that they find the same without the files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/profile.h"
#include "symbolize/source_text.h"
#include "symbolize/symbolizer.h"

namespace sagemem::symbolize {

struct Embedded {
  std::vector<std::uint8_t> section;
  std::size_t modules = 0;  // with names
  std::size_t frames = 0;   // with names
  std::size_t all_frames = 0;
};

// Throws std::length_error when it is more than a trace can hold.
[[nodiscard]] Embedded embed_symbols(const model::Profile& profile,
                                     Symbolizer& symbols, SourceText& sources);

}  // namespace sagemem::symbolize
