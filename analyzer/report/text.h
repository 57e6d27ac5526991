// SPDX-License-Identifier: Apache-2.0
//
// Text that fits: made harmless, measured and shortened.
//
// Names in a trace are bytes from elsewhere.  What goes to a terminal passes
// through printable() first, or a function name could clear the screen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sagemem::report {

// Control characters and bytes that are not UTF-8 as \xNN; without `utf8`
// every byte beyond ASCII as well.
[[nodiscard]] std::string printable(std::string_view text, bool utf8);

// Columns of printable text: code points.  Wide characters are rare enough in
// paths that a crooked column does.
[[nodiscard]] std::size_t columns_of(std::string_view text);

[[nodiscard]] std::string pad_left(std::string_view text, std::size_t columns);
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t columns);

// At most `columns` wide, with ".." for what was left out at the end.
[[nodiscard]] std::string shorten_end(std::string_view text,
                                      std::size_t columns);
// The same with the middle left out: both ends of a path say something.
[[nodiscard]] std::string shorten_middle(std::string_view text,
                                         std::size_t columns);
// A path, cut at a slash where possible: /usr/../tree.c
[[nodiscard]] std::string shorten_path(std::string_view path,
                                       std::size_t columns);
// A demangled name: without parameters, then without template arguments, then
// without its outer namespaces, then cut.
[[nodiscard]] std::string shorten_function(const std::string& function,
                                           std::size_t columns);

// Arguments as a shell would take them.
[[nodiscard]] std::string shell_quoted(std::string_view argument);

}  // namespace sagemem::report
