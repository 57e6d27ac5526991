// SPDX-License-Identifier: Apache-2.0
//
// The scopes that a thread has open, innermost last: so that one that was left
// by longjmp is closed before anything else is recorded, and not when its
// caller returns.
//
// A scope of a function call is bound to the frame of that call.  The frame is
// gone when something runs in the same thread with a stack pointer above it:
//
//   probed call's frame   cfa 0x7f00 ----.
//   callee                               | longjmp
//   caller's next call    cfa 0x7f40  <--'   0x7f40 >= 0x7f00: left
//
// Hazard: a coroutine that runs on a stack of its own, at a higher address,
// while the frame lives on.  Its scope is closed too early, and the trace says
// that it was abandoned.
#pragma once

#include <cstdint>

namespace sagemem {

struct OpenScope {
  std::uint64_t frame;  // CFA of the probed call; OpenScopes::kNoFrame
  // Its begin is written once more in a fork child, with its number alone.
  std::int64_t number;
  std::uint32_t rule;
  bool has_number;
  bool is_process_wide;
};

class OpenScopes {
 public:
  // Ended by another function than the one that began it.
  static constexpr std::uint64_t kNoFrame = 0;
  static constexpr std::uint32_t kCapacity = 64;

  [[nodiscard]] bool is_full() const noexcept { return count_ == kCapacity; }
  [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
  void push(const OpenScope& scope) noexcept { scopes_[count_++] = scope; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] const OpenScope& operator[](std::uint32_t i) const noexcept {
    return scopes_[i];
  }
  [[nodiscard]] const OpenScope& innermost() const noexcept {
    return scopes_[count_ - 1];
  }
  void pop() noexcept { --count_; }

  // The innermost one was left without its end: `sp` is above its frame.
  [[nodiscard]] bool is_left(std::uint64_t sp) const noexcept {
    if (is_empty()) return false;
    const std::uint64_t frame = innermost().frame;
    return frame != kNoFrame && frame <= sp;
  }

  // Takes the innermost one of `rule` away, and with it all that were opened
  // later.  False: none is open.
  bool close(std::uint32_t rule, std::uint64_t frame) noexcept {
    for (std::uint32_t i = count_; i-- > 0;) {
      if (scopes_[i].rule == rule && scopes_[i].frame == frame) {
        count_ = i;
        return true;
      }
    }
    return false;
  }

  // The rule of the innermost one of those that bear no frame and whose rule
  // is at least `first`; false: none.
  bool find_unbound(std::uint32_t first, std::uint32_t& rule) const noexcept {
    for (std::uint32_t i = count_; i-- > 0;) {
      if (scopes_[i].frame == kNoFrame && scopes_[i].rule >= first) {
        rule = scopes_[i].rule;
        return true;
      }
    }
    return false;
  }

  void clear() noexcept { count_ = 0; }

 private:
  std::uint32_t count_ = 0;
  OpenScope scopes_[kCapacity]{};
};

}  // namespace sagemem
