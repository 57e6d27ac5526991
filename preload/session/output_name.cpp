// SPDX-License-Identifier: Apache-2.0
#include "session/output_name.h"

#include <cstring>

namespace sagemem {

namespace {

// A slash in a name part would lead into another directory.
void add_name(PathText& out, const char* name) noexcept {
  for (; *name != '\0'; ++name) out.add(*name == '/' ? '_' : *name);
}

// Where the counter goes in a pattern without %n: before the last dot of the
// file name, or at the end.
const char* counter_place(const char* pattern) noexcept {
  const char* slash = std::strrchr(pattern, '/');
  const char* name = slash == nullptr ? pattern : slash + 1;
  const char* dot = std::strrchr(name, '.');
  return dot == nullptr || dot == name ? name + std::strlen(name) : dot;
}

bool names_counter(const char* pattern) noexcept {
  for (const char* p = std::strchr(pattern, '%'); p != nullptr;
       p = std::strchr(p, '%')) {
    if (p[1] == 'n') return true;
    p += p[1] == '\0' ? 1 : 2;
  }
  return false;
}

void add_part(PathText& out, char letter, const NameParts& parts,
              std::uint32_t counter) noexcept {
  switch (letter) {
    case 'e':
      add_name(out, parts.program);
      break;
    case 'h':
      add_name(out, parts.host);
      break;
    case 'p':
      out.add_number(parts.pid);
      break;
    case 'n':
      out.add_unsigned(counter);
      break;
    case 'r':
      out.add_number(parts.rank < 0 ? 0 : parts.rank);
      break;
    default:
      out.add(letter);
  }
}

}  // namespace

bool expand_output_name(const char* pattern, const NameParts& parts,
                        std::uint32_t counter, PathText& out) noexcept {
  const char* place = nullptr;
  if (counter != 0 && !names_counter(pattern)) place = counter_place(pattern);
  for (const char* p = pattern;; ++p) {
    if (p == place) out.add('.').add_unsigned(counter);
    if (*p == '\0') break;
    if (*p == '%' && p[1] != '\0') {
      add_part(out, *++p, parts, counter);
    } else {
      out.add(*p);
    }
  }
  return !out.truncated();
}

}  // namespace sagemem
