// SPDX-License-Identifier: Apache-2.0
//
// The small languages inside a profile's texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sagemem::rules {

// "main > * > save_galaxies" to its frames, blanks around them left out.  Empty
// when one of them is.
[[nodiscard]] std::vector<std::string> split_stack(std::string_view stack);

// "4 GiB", "512 MB", "100": whole numbers, binary and decimal units.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

// "1.5 s", "200ms", "3min": nanoseconds.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

// Source text compares without its blanks: who writes a rule need not know how
// the line is laid out.
[[nodiscard]] std::string without_blanks(std::string_view text);

// What the recorder takes as a name, of a symbol or of anything else.
[[nodiscard]] bool is_symbol(std::string_view text);

// "arg1:i32", "return", "FileNum", "*Halos[arg2]:i32@end"
[[nodiscard]] bool is_capture_source(std::string_view text);

}  // namespace sagemem::rules
