// SPDX-License-Identifier: Apache-2.0
//
// Whether the values of a rule are others than at the last call: of one that
// looks at them wherever the program allocates, say, and that has to cost next
// to nothing there.
//
//   forest = each my_malloc (number=TreeID, nhalos=*TreeNHalos[TreeID]:i32)
//
// At every call only variables are compared, the table's address among them.
// What a table holds takes a system call to read, so that is done when one of
// these has changed.  A table that has just come may not be filled yet: then it
// is read at the next calls as well.
//
// Hazard: the variables are the program's, and so is this, shared by its
// threads.  Of two that see the same change one may say so again.
#pragma once

#include <atomic>
#include <cstdint>

#include "scope/probe.h"

namespace sagemem {

// What is read at one moment, in the rule's order.
struct Readings {
  std::uint32_t count = 0;
  Source sources[trace::kMaxScopeValues];
  GlobalPlace places[trace::kMaxScopeValues];
};

class ValueWatch {
 public:
  // More than a program allocates between making a table and filling it.
  static constexpr std::uint32_t kMoreLooks = 256;

  // True: all is to be read.
  bool is_due(const Readings& readings) noexcept {
    bool is_due = false;
    for (std::uint32_t i = 0; i < readings.count; ++i) {
      const GlobalPlace& place = readings.places[i];
      const std::uint64_t now = word_at(place.address, place.bytes);
      if (last_words_[i].load(std::memory_order_relaxed) == now) continue;
      last_words_[i].store(now, std::memory_order_relaxed);
      is_due = true;
      if (readings.sources[i].kind == SourceKind::TargetElement) {
        more_looks_.store(kMoreLooks, std::memory_order_relaxed);
      }
    }
    const std::uint32_t more = more_looks_.load(std::memory_order_relaxed);
    if (more == 0) return is_due;
    more_looks_.store(more - 1, std::memory_order_relaxed);
    return true;
  }

  enum class News : std::uint8_t { None, Begin, End };
  // What the values mean that have been read.  A scope needs all that there is
  // a variable for: a table that is not there is a null pointer.
  template <typename Values>
  News look_at(const Readings& readings, const Values& values) noexcept {
    bool is_complete = true;
    bool is_same = true;
    for (std::uint32_t i = 0; i < values.count; ++i) {
      const std::int64_t value = values.values[i];
      if (value == trace::kUnknownValue && readings.places[i].address != 0) {
        is_complete = false;
      }
      if (last_values_[i].exchange(value, std::memory_order_relaxed) != value) {
        is_same = false;
      }
    }
    const bool was_open =
        is_open_.exchange(is_complete, std::memory_order_relaxed);
    if (!is_complete) return was_open ? News::End : News::None;
    return was_open && is_same ? News::None : News::Begin;
  }

 private:
  // Up to eight bytes of a variable.
  static std::uint64_t word_at(std::uint64_t address,
                               std::uint64_t bytes) noexcept {
    if (address == 0) return 0;
    if (bytes == 2) return *reinterpret_cast<volatile std::uint16_t*>(address);
    if (bytes == 4) return *reinterpret_cast<volatile std::uint32_t*>(address);
    if (bytes >= 8) return *reinterpret_cast<volatile std::uint64_t*>(address);
    return *reinterpret_cast<volatile std::uint8_t*>(address);
  }

  // Relaxed: each says only what it says, see above.
  std::atomic<std::uint64_t> last_words_[trace::kMaxScopeValues] = {};
  std::atomic<std::int64_t> last_values_[trace::kMaxScopeValues] = {};
  std::atomic<std::uint32_t> more_looks_{0};
  std::atomic<bool> is_open_{false};
};

}  // namespace sagemem
