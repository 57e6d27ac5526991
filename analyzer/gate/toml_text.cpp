// SPDX-License-Identifier: Apache-2.0
#include "gate/toml_text.h"

#include <algorithm>
#include <charconv>

namespace sagemem::gate {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Bytes of a code point in UTF-8.
std::size_t utf8_bytes(std::string_view hexadecimal) {
  std::uint32_t point = 0;
  std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(),
                  point, 16);
  return point < 0x80 ? 1 : (point < 0x800 ? 2 : (point < 0x10000 ? 3 : 4));
}

struct Step {
  std::size_t raw = 1;
  std::size_t value = 1;
};

// TOML 1.0, "String": what stands at the start of `text`.
Step step_of(std::string_view text, bool has_escapes) {
  // The parser makes one character of it.
  if (text.starts_with("\r\n")) return {2, 1};
  if (!has_escapes || text.size() < 2 || text[0] != '\\') return {1, 1};
  if (text[1] == 'u') return {6, utf8_bytes(text.substr(2, 4))};
  if (text[1] == 'U') return {10, utf8_bytes(text.substr(2, 8))};
  const std::size_t blanks = text.find_first_not_of(" \t\r\n", 1);
  if (blanks == 1) return {2, 1};
  // The end of a line that is none.
  return {std::min(blanks, text.size()), 0};
}

}  // namespace

std::uint32_t columns_of(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string_view from_place(std::string_view text, std::uint32_t line,
                            std::uint32_t column) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  while (column > 1 && !text.empty()) {
    text.remove_prefix(1);
    if (text.empty() || !is_continuation(text.front())) --column;
  }
  return text;
}

TextPlace place_in_string(std::string_view raw, std::size_t offset) {
  const bool has_escapes = raw.starts_with('"');
  const bool is_long = raw.starts_with("\"\"\"") || raw.starts_with("'''");
  std::size_t at = is_long ? 3 : 1;
  // The first line end of a long one belongs to its quotes.
  if (is_long && raw.substr(at).starts_with("\r\n")) at += 2;
  if (is_long && raw.substr(at).starts_with('\n')) ++at;
  std::size_t value = 0;
  while (at < raw.size()) {
    const Step step = step_of(raw.substr(at), has_escapes);
    if (value + step.value > offset) break;
    value += step.value;
    at += step.raw;
  }
  const std::string_view before = raw.substr(0, std::min(at, raw.size()));
  const std::size_t line = before.rfind('\n');
  TextPlace place;
  place.lines = static_cast<std::uint32_t>(
      std::count(before.begin(), before.end(), '\n'));
  place.columns = columns_of(
      line == std::string_view::npos ? before : before.substr(line + 1));
  return place;
}

}  // namespace sagemem::gate
