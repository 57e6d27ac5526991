// SPDX-License-Identifier: Apache-2.0
//
// From a byte of a TOML string's value back to where it stands in the file:
// quotes, escapes and line ends are in the one and not in the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sagemem::gate {

// Columns are code points, as those of toml++.
[[nodiscard]] std::uint32_t columns_of(std::string_view text);

// The text from a line and a column on, which count from 1.
[[nodiscard]] std::string_view from_place(std::string_view text,
                                          std::uint32_t line,
                                          std::uint32_t column);

struct TextPlace {
  std::uint32_t lines = 0;    // further down
  std::uint32_t columns = 0;  // further right, or from the left of that line
};

// `raw` begins with the quotes of a string of any of the four kinds.
[[nodiscard]] TextPlace place_in_string(std::string_view raw,
                                        std::size_t offset);

}  // namespace sagemem::gate
