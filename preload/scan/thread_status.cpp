// SPDX-License-Identifier: Apache-2.0
#include "scan/thread_status.h"

#include <cstring>

#include "platform/file.h"
#include "platform/text_buffer.h"

namespace sagemem {

namespace {

// The word behind `name`.
bool find_word(const char* text, const char* name, const char*& word) noexcept {
  const char* const found = std::strstr(text, name);
  if (found == nullptr) return false;
  word = found + std::strlen(name);
  while (*word == '\t' || *word == ' ') ++word;
  return true;
}

std::uint64_t parse_hex(const char* text) noexcept {
  std::uint64_t value = 0;
  for (;; ++text) {
    if (*text >= '0' && *text <= '9') {
      value = value * 16 + static_cast<std::uint64_t>(*text - '0');
    } else if (*text >= 'a' && *text <= 'f') {
      value = value * 16 + static_cast<std::uint64_t>(*text - 'a' + 10);
    } else {
      return value;
    }
  }
}

bool read_status(std::int32_t tid, StatusText& text) noexcept {
  TextBuffer<64> path;
  path.add("/proc/self/task/").add_number(tid).add("/status");
  const std::size_t size = read_file(path.c_str(), text, sizeof text - 1);
  text[size] = '\0';
  return size != 0;
}

// Decimal digits of more or less are so as hexadecimal ones, too.
std::uint64_t restrictions_in(const char* status) noexcept {
  const char* word = nullptr;
  // Linux 5.9; before that the mode: 1 is strict, 2 by filters.
  if (find_word(status, "\nSeccomp_filters:", word) && *word != '0') {
    return parse_hex(word);
  }
  return find_word(status, "\nSeccomp:", word) ? parse_hex(word) : 0;
}

}  // namespace

std::uint64_t restrictions_of(std::int32_t tid, StatusText& text) noexcept {
  return read_status(tid, text) ? restrictions_in(text) : 0;
}

Answer ask(std::int32_t tid, int signal, std::uint64_t restrictions,
           StatusText& text) noexcept {
  if (!read_status(tid, text)) return Answer::IsGone;
  const char* word = nullptr;
  if (find_word(text, "\nState:", word) && (*word == 'Z' || *word == 'X')) {
    return Answer::IsGone;
  }
  if (restrictions_in(text) > restrictions) return Answer::WillNot;
  const std::uint64_t bit = std::uint64_t{1} << (signal - 1);
  if (find_word(text, "\nSigBlk:", word) && (parse_hex(word) & bit) != 0) {
    return Answer::IsDeaf;
  }
  return Answer::Will;
}

}  // namespace sagemem
