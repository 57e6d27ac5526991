// SPDX-License-Identifier: Apache-2.0
//
// What the place that a report goes to can show: columns, colours, UTF-8.
#pragma once

#include <cstddef>
#include <cstdio>

namespace sagemem::report {

enum class ColorMode { Auto, Always, Never };

struct Terminal {
  std::size_t width = 80;
  bool color = false;
  bool utf8 = false;
};

// Width: of the terminal, else COLUMNS, else 80; never below 60, where columns
// would overlap, nor above 160, where the eye loses the line.  Colours: on a
// terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb.
// UTF-8: when the locale (LC_ALL, LC_CTYPE, LANG) says so.
[[nodiscard]] Terminal detect_terminal(std::FILE* out, ColorMode mode);

}  // namespace sagemem::report
