// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "symbolize/names.h"

namespace sagemem::report {
namespace {

constexpr std::string_view kGap = "..";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Length of the UTF-8 sequence at the start of `text`, 0 when it is none.
// RFC 3629, 4; C1 control characters are refused as well.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0xc2 || first > 0xf4 || !tail(1)) return 0;
  if (first < 0xe0) return first == 0xc2 && byte(1) < 0xa0 ? 0 : 2;
  if (!tail(2) || (first == 0xe0 && byte(1) < 0xa0) ||
      (first == 0xed && byte(1) > 0x9f))
    return 0;
  if (first < 0xf0) return 3;
  const bool in_range =
      (first != 0xf0 || byte(1) >= 0x90) && (first != 0xf4 || byte(1) <= 0x8f);
  return tail(3) && in_range ? 4 : 0;
}

// The byte at which column `column` begins.
std::size_t byte_of_column(std::string_view text, std::size_t column) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_continuation(text[at]) && column-- == 0) return at;
    ++at;
  }
  return at;
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
  return text.substr(0, byte_of_column(text, columns));
}

std::string_view last_columns(std::string_view text, std::size_t columns) {
  return text.substr(byte_of_column(text, columns_of(text) - columns));
}

std::size_t outer_scope_end(std::string_view name) {
  const std::size_t end = name.find_first_of("<({");
  const std::size_t scope = name.find("::");
  return scope < end ? scope + 2 : std::string_view::npos;
}

}  // namespace

std::string printable(std::string_view text, bool utf8) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0x80 ? 1 : sequence_length(text.substr(at));
    const bool shown = c < 0x80 ? c >= 0x20 && c != 0x7f : length > 0 && utf8;
    if (shown) {
      result += text.substr(at, length);
      at += length;
    } else {
      result += fmt::format("\\x{:02x}", c);
      ++at;
    }
  }
  return result;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string pad_left(std::string_view text, std::size_t columns) {
  const std::size_t width = columns_of(text);
  return std::string(columns - std::min(width, columns), ' ') +
         std::string(text);
}

std::string pad_right(std::string_view text, std::size_t columns) {
  const std::size_t width = columns_of(text);
  return std::string(text) +
         std::string(columns - std::min(width, columns), ' ');
}

std::string shorten_end(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns <= kGap.size()) return std::string(first_columns(text, columns));
  return std::string(first_columns(text, columns - kGap.size())) +
         std::string(kGap);
}

std::string shorten_middle(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns <= kGap.size()) return std::string(last_columns(text, columns));
  const std::size_t tail = (columns - kGap.size() + 1) / 2;
  return std::string(first_columns(text, columns - kGap.size() - tail)) +
         std::string(kGap) + std::string(last_columns(text, tail));
}

std::string shorten_path(std::string_view path, std::size_t columns) {
  if (columns_of(path) <= columns) return std::string(path);
  // The first component stays, with as many of the last ones as fit.
  const std::size_t first = path.find('/', 1);
  if (first == std::string_view::npos) return shorten_middle(path, columns);
  const std::string head =
      std::string(path.substr(0, first + 1)) + std::string(kGap);
  for (std::size_t at = path.find('/', first + 1); at != std::string_view::npos;
       at = path.find('/', at + 1)) {
    const std::string_view tail = path.substr(at);
    if (columns_of(head) + columns_of(tail) <= columns)
      return head + std::string(tail);
  }
  const std::size_t last = path.rfind('/');
  return shorten_middle(path.substr(last + 1), columns);
}

std::string shorten_function(const std::string& function, std::size_t columns) {
  std::string name = symbolize::without_parameters(function);
  if (columns_of(name) <= columns) return name;
  name = symbolize::plain_name(function);
  while (columns_of(name) > columns) {
    const std::size_t end = outer_scope_end(name);
    if (end == std::string_view::npos) break;
    name.erase(0, end);
  }
  return shorten_middle(name, columns);
}

std::string shell_quoted(std::string_view argument) {
  const auto is_safe = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("%+,-./:=@_").find(c) != std::string_view::npos;
  };
  if (!argument.empty() &&
      std::all_of(argument.begin(), argument.end(), is_safe))
    return std::string(argument);
  std::string result = "'";
  for (const char c : argument) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + "'";
}

}  // namespace sagemem::report
