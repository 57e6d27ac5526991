// SPDX-License-Identifier: Apache-2.0
//
// Text in a fixed buffer, for names and the one line that we may print: no
// allocation, no locale, no stdio.  What does not fit is dropped and
// truncated() says so.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sagemem {

template <std::size_t kCapacity>
class TextBuffer {
 public:
  TextBuffer& add(char c) noexcept {
    if (size_ + 1 < kCapacity) {
      data_[size_++] = c;
      data_[size_] = '\0';
    } else {
      truncated_ = true;
    }
    return *this;
  }
  TextBuffer& add(const char* text, std::size_t length) noexcept {
    for (std::size_t i = 0; i < length; ++i) add(text[i]);
    return *this;
  }
  TextBuffer& add(const char* text) noexcept {
    return add(text, std::strlen(text));
  }
  TextBuffer& add_number(std::int64_t value) noexcept {
    if (value < 0) {
      add('-');
      return add_unsigned(0 - static_cast<std::uint64_t>(value));
    }
    return add_unsigned(static_cast<std::uint64_t>(value));
  }
  TextBuffer& add_unsigned(std::uint64_t value) noexcept {
    char digits[20];
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (count > 0) add(digits[--count]);
    return *this;
  }

  void clear() noexcept {
    size_ = 0;
    data_[0] = '\0';
    truncated_ = false;
  }

  [[nodiscard]] const char* c_str() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool truncated() const noexcept { return truncated_; }

 private:
  char data_[kCapacity] = {};
  std::size_t size_ = 0;
  bool truncated_ = false;
};

// A file name in the making; truncated() is ENAMETOOLONG.
using PathText = TextBuffer<PATH_MAX>;

}  // namespace sagemem
