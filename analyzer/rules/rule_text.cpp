// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_text.h"

#include <charconv>
#include <regex>

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

std::string without_blanks(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char character) {
    return kBlanks.find(character) != std::string_view::npos;
  });
  return result;
}

// Both as preload/scope/rules.cpp reads them.
bool is_symbol(const std::string& text) {
  static const std::regex kSymbol(R"([A-Za-z0-9_$-]+([.][A-Za-z0-9_$-]+)*)");
  return text.size() < 256 && std::regex_match(text, kSymbol);
}

bool is_capture_source(const std::string& text) {
  static const std::regex kSource(
      R"(([*][A-Za-z0-9_.$-]+\[arg[1-6]\]|[A-Za-z0-9_.$-]+(\[arg[1-6]\])?))"
      R"((:[iu](8|16|32|64))?(@end)?)");
  return text.size() < 256 && std::regex_match(text, kSource);
}

}  // namespace sagemem::rules
