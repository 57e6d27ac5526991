// SPDX-License-Identifier: Apache-2.0
#include "report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace sagemem::report {
namespace {

constexpr std::size_t kMinWidth = 60;
constexpr std::size_t kMaxWidth = 160;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::size_t find_width(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  std::size_t columns = 0;
  const std::string_view text = variable("COLUMNS");
  std::from_chars(text.data(), text.data() + text.size(), columns);
  return columns > 0 ? columns : 80;
}

bool wants_color(int fd, ColorMode mode) {
  if (mode != ColorMode::Auto) return mode == ColorMode::Always;
  return isatty(fd) != 0 && variable("NO_COLOR").empty() &&
         variable("TERM") != "dumb";
}

// Read from the variables: setlocale() would succeed only where the locale is
// installed, which says nothing about the terminal.
bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (value.empty()) continue;
    for (const char* codeset : {"UTF-8", "utf-8", "UTF8", "utf8"})
      if (value.find(codeset) != std::string_view::npos) return true;
    return false;
  }
  return false;
}

}  // namespace

Terminal detect_terminal(std::FILE* out, ColorMode mode) {
  const int fd = fileno(out);
  return {.width = std::clamp(find_width(fd), kMinWidth, kMaxWidth),
          .color = wants_color(fd, mode),
          .utf8 = is_utf8_locale()};
}

}  // namespace sagemem::report
