// SPDX-License-Identifier: Apache-2.0
#include "rules/glob.h"

#include <cstddef>

namespace sagemem::rules {

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = 0;
  std::size_t seen = 0;
  // Where to go on when the rest does not match: a star takes one character
  // more.  Only the last star need ever do so.
  std::size_t star = kNone;
  std::size_t star_seen = 0;
  while (seen < text.size() || at < pattern.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_seen = seen;
      continue;
    }
    if (at < pattern.size() && seen < text.size()) {
      const bool is_any = pattern[at] == '?';
      const bool is_quoted = pattern[at] == '\\' && at + 1 < pattern.size();
      if (is_any || pattern[at + (is_quoted ? 1 : 0)] == text[seen]) {
        at += is_quoted ? 2 : 1;
        ++seen;
        continue;
      }
    }
    if (star == kNone || star_seen >= text.size()) return false;
    at = star + 1;
    seen = ++star_seen;
  }
  return true;
}

}  // namespace sagemem::rules
