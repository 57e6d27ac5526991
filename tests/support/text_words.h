// SPDX-License-Identifier: Apache-2.0
//
// One line of a trace's text form, taken apart word by word.
//
// Hazard: what is not as it should be is a std::invalid_argument.
#pragma once

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace sagemem::test {

inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

inline std::uint64_t parse_number(std::string_view word) {
  int base = 10;
  std::string_view digits = word;
  if (digits.starts_with("0x")) {
    base = 16;
    digits.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(
      digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size() ||
      digits.empty()) {
    throw std::invalid_argument("not a number: " + std::string(word));
  }
  return value;
}

class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) { skip(); }

  std::string_view take() {
    if (rest_.empty()) throw std::invalid_argument("the line is too short");
    std::size_t length = 0;
    while (length < rest_.size() && !is_space(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    skip();
    return word;
  }

  std::uint64_t number() { return parse_number(take()); }

  // Numbers with a sign, to the end of the line.
  std::vector<std::int64_t> values() {
    std::vector<std::int64_t> result;
    while (!rest_.empty()) {
      std::string_view word = take();
      const bool is_negative = word.starts_with('-');
      if (is_negative) word.remove_prefix(1);
      const std::uint64_t magnitude = parse_number(word);
      result.push_back(
          static_cast<std::int64_t>(is_negative ? 0 - magnitude : magnitude));
    }
    return result;
  }

  // A word that begins with `start`; taken only when it is there.
  std::string_view take_if(char start) {
    return rest_.starts_with(start) ? take() : std::string_view();
  }

  bool accept(std::string_view word) {
    Words copy = *this;
    if (rest_.empty() || copy.take() != word) return false;
    *this = copy;
    return true;
  }

  void expect(std::string_view word) {
    if (!accept(word)) {
      throw std::invalid_argument("expected " + std::string(word));
    }
  }

  std::string_view rest() {
    std::string_view result = rest_;
    while (!result.empty() && is_space(result.back())) result.remove_suffix(1);
    rest_ = {};
    return result;
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  void skip() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

}  // namespace sagemem::test
