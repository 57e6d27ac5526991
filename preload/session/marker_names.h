// SPDX-License-Identifier: Apache-2.0
//
// The names that a program passes to the functions of sagemem.h, each with the
// number of its rule.  Names are compared by what they say: the string of a
// caller may be gone when its function returns.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "platform/spin_lock.h"
#include "sagemem/trace/events.h"

namespace sagemem {

class MarkerNames {
 public:
  // Rules from here on belong to names; those below to probes.
  static constexpr std::uint32_t kFirstRule = 1024;
  static constexpr std::uint32_t kCapacity = 256;
  static constexpr std::size_t kMaxBytes = 63;  // longer names are cut

  // The rule of a name; `is_new`: it is to be announced.  False: the table is
  // full.
  bool find(trace::RuleUse use, const char* name, std::uint32_t& rule,
            bool& is_new) noexcept;

  [[nodiscard]] std::uint32_t count() const noexcept {
    // Acquire: with the count come the names.
    return count_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const char* name(std::uint32_t index) const noexcept {
    return names_[index].text;
  }
  [[nodiscard]] trace::RuleUse use(std::uint32_t index) const noexcept {
    return names_[index].use;
  }

  // In a fork child: another thread may have held the lock.
  void reset_lock() noexcept { new (&lock_) SpinLock; }

 private:
  struct Name {
    trace::RuleUse use;
    char text[kMaxBytes + 1];
  };

  bool find_among(std::uint32_t count, trace::RuleUse use, const char* name,
                  std::uint32_t& rule) const noexcept;

  SpinLock lock_;
  std::atomic<std::uint32_t> count_{0};
  Name names_[kCapacity]{};
};

}  // namespace sagemem
