// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

namespace sagemem::rules {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr Unit kUnits[] = {
    {"", 1},
    {"B", 1},
    {"KiB", std::uint64_t{1} << 10},
    {"MiB", std::uint64_t{1} << 20},
    {"GiB", std::uint64_t{1} << 30},
    {"TiB", std::uint64_t{1} << 40},
    {"kB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
};

constexpr std::size_t kMaxSymbol = 256;
constexpr std::string_view kTypes[] = {"i8", "i16", "i32", "i64",
                                       "u8", "u16", "u32", "u64"};

}  // namespace

std::vector<std::string> split_stack(std::string_view stack) {
  std::vector<std::string> frames;
  while (true) {
    // Names hold none: they are compared without template arguments.
    const std::size_t end = stack.find('>');
    const std::string_view frame = trim(stack.substr(0, end));
    if (frame.empty()) return {};
    // Two of these in a row say no more than one.
    if (frame != "*" || frames.empty() || frames.back() != "*") {
      frames.emplace_back(frame);
    }
    if (end == std::string_view::npos) return frames;
    stack.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  text = trim(text);
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || number == 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  text = trim(text);
  for (const Unit& unit : kUnits) {
    if (text != unit.name) continue;
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(number, unit.bytes, &bytes)) break;
    return bytes;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  constexpr struct {
    std::string_view name;
    double ns;
  } kTimes[] = {{"ns", 1},  {"us", 1e3},   {"ms", 1e6},
                {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}};
  text = trim(text);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || !(number >= 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  text = trim(text);
  for (const auto& unit : kTimes) {
    if (text != unit.name) continue;
    const double ns = number * unit.ns;
    if (ns >= 9e18) break;
    return std::llround(ns);
  }
  return std::nullopt;
}

std::string without_blanks(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char character) {
    return kBlanks.find(character) != std::string_view::npos;
  });
  return result;
}

// As preload/scope/rules.cpp reads both.
bool is_symbol(std::string_view text) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$-";
  return !text.empty() && text.size() < kMaxSymbol &&
         text.find_first_not_of(kAllowed) == std::string_view::npos &&
         text.find("..") == std::string_view::npos;
}

// Of an argument or a variable; there are six arguments.
static bool is_index(std::string_view text) {
  const bool is_like_argument = text.size() == 4 && text.starts_with("arg") &&
                                text[3] >= '0' && text[3] <= '9';
  return is_like_argument ? text[3] >= '1' && text[3] <= '6' : is_symbol(text);
}

bool is_capture_source(std::string_view text) {
  constexpr std::string_view kEnd = "@end";
  if (text.ends_with(kEnd)) text.remove_suffix(kEnd.size());
  if (const std::size_t colon = text.find(':'); colon != text.npos) {
    const std::string_view type = text.substr(colon + 1);
    if (std::find(std::begin(kTypes), std::end(kTypes), type) ==
        std::end(kTypes)) {
      return false;
    }
    text = text.substr(0, colon);
  }
  const bool is_target = text.starts_with('*');
  if (is_target) text.remove_prefix(1);
  const std::size_t bracket = text.find('[');
  if (bracket == text.npos) return !is_target && is_symbol(text);
  std::string_view index = text.substr(bracket + 1);
  if (!index.ends_with(']')) return false;
  index.remove_suffix(1);
  return is_index(index) && is_symbol(text.substr(0, bracket));
}

}  // namespace sagemem::rules
