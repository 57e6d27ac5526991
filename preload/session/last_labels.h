// SPDX-License-Identifier: Apache-2.0
//
// The labels that a thread's segment has by now: a program calls its allocator
// with the same category many times in a row, and only a change is written.
// Every segment can be read alone, so each begins with none.
#pragma once

#include <cstdint>

namespace sagemem {

class LastLabels {
 public:
  static constexpr std::uint32_t kCapacity = 64;  // rules; others are written

  [[nodiscard]] bool is_last(std::uint32_t rule,
                             std::int64_t value) const noexcept {
    return rule < kCapacity && (known_ >> rule & 1) != 0 &&
           values_[rule] == value;
  }
  void set(std::uint32_t rule, std::int64_t value) noexcept {
    if (rule >= kCapacity) return;
    known_ |= std::uint64_t{1} << rule;
    values_[rule] = value;
  }
  void clear() noexcept { known_ = 0; }

 private:
  std::uint64_t known_ = 0;  // a bit for each rule
  std::int64_t values_[kCapacity]{};
};

}  // namespace sagemem
