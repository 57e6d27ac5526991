// SPDX-License-Identifier: Apache-2.0
#include "session/follow.h"

#include <cstddef>
#include <cstring>

namespace sagemem {

namespace {

constexpr char kVariable[] = "LD_PRELOAD=";
constexpr char kOwnName[] = "libsagemem.so";

// ld.so separates by spaces and colons, ld.so(8).
constexpr char kSeparators[] = " :";

bool is_own(const char* entry, std::size_t length) noexcept {
  std::size_t start = length;
  while (start > 0 && entry[start - 1] != '/') --start;
  return length - start >= sizeof kOwnName - 1 &&
         std::memcmp(entry + start, kOwnName, sizeof kOwnName - 1) == 0;
}

void remove_own_entries(char* list) noexcept {
  char* out = list;
  for (const char* in = list; *in != '\0';) {
    const std::size_t length = std::strcspn(in, kSeparators);
    if (length > 0 && !is_own(in, length)) {
      if (out != list) *out++ = ':';
      std::memmove(out, in, length);
      out += length;
    }
    in += length;
    if (*in != '\0') ++in;
  }
  *out = '\0';
}

}  // namespace

void remove_from_preload(const char* const* environment) noexcept {
  if (environment == nullptr) return;
  for (; *environment != nullptr; ++environment) {
    if (std::strncmp(*environment, kVariable, sizeof kVariable - 1) == 0) {
      remove_own_entries(const_cast<char*>(*environment) + sizeof kVariable -
                         1);
    }
  }
}

}  // namespace sagemem
