// SPDX-License-Identifier: Apache-2.0
#include "session/marker_names.h"

#include <algorithm>
#include <cstring>

namespace sagemem {

bool MarkerNames::find_among(std::uint32_t count, trace::RuleUse use,
                             const char* name,
                             std::uint32_t& rule) const noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (names_[i].use == use &&
        std::strncmp(names_[i].text, name, kMaxBytes) == 0) {
      rule = kFirstRule + i;
      return true;
    }
  }
  return false;
}

bool MarkerNames::find(trace::RuleUse use, const char* name,
                       std::uint32_t& rule, bool& is_new) noexcept {
  is_new = false;
  if (find_among(count(), use, name, rule)) return true;
  SpinGuard guard(lock_);
  // Relaxed: only changed with the lock held.
  const std::uint32_t known = count_.load(std::memory_order_relaxed);
  if (find_among(known, use, name, rule)) return true;
  if (known == kCapacity) return false;
  Name& added = names_[known];
  added.use = use;
  const std::size_t bytes = strnlen(name, kMaxBytes);
  std::memcpy(added.text, name, bytes);
  added.text[bytes] = '\0';
  rule = kFirstRule + known;
  is_new = true;
  // Release: whoever sees the count sees the name.
  count_.store(known + 1, std::memory_order_release);
  return true;
}

}  // namespace sagemem
