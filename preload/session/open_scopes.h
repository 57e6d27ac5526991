// SPDX-License-Identifier: Apache-2.0
//
// The scopes that a thread has open, innermost last.
//
// A scope of a function call is bound to the frame of that call: it ends when
// the call returns, when an exception unwinds it, or when longjmp leaves it
// behind.  That is found out at the thread's next event: the scope goes on if
// the stub through which the function was called still stands in the call
// stack.
//
//   main        setjmp
//   stub        calls the probed function    frame: CFA of the stub's caller
//   forest
//   helper      longjmp                      suspect
//
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

  // The innermost one is bound to a frame that lies below `sp`: gone, if `sp`
  // is of the same stack.
  [[nodiscard]] bool is_below(std::uint64_t sp) const noexcept {
    if (is_empty()) return false;
    const std::uint64_t frame = innermost().frame;
    return frame != kNoFrame && frame <= sp;
  }

  // The thread has called longjmp.  Coroutines may be made of it, too, and then
  // nothing was left.
  void suspect() noexcept { is_suspect_ = !is_empty(); }
  void trust() noexcept { is_suspect_ = false; }
  [[nodiscard]] bool is_suspect() const noexcept { return is_suspect_; }

  // Takes the innermost one of `rule` away, and with it all that were opened
  // later.  False: none is open.
  bool close(std::uint32_t rule, std::uint64_t frame) noexcept {
    bool is_process_wide = false;
    return close(rule, frame, is_process_wide);
  }
  // `is_process_wide`: one of those is; or none is open, then it may be one
  // that another thread has opened.
  bool close(std::uint32_t rule, std::uint64_t frame,
             bool& is_process_wide) noexcept {
    is_process_wide = false;
    for (std::uint32_t i = count_; i-- > 0;) {
      is_process_wide |= scopes_[i].is_process_wide;
      if (scopes_[i].rule == rule && scopes_[i].frame == frame) {
        count_ = i;
        return true;
      }
    }
    is_process_wide = true;
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

  // For the quick way of probes: there is room, and nothing is in doubt.
  [[nodiscard]] bool takes_quickly() const noexcept {
    return !is_suspect_ && !is_full();
  }
  // Takes the innermost one away, if it is that one.
  bool close_innermost(std::uint32_t rule, std::uint64_t frame) noexcept {
    if (is_empty() || innermost().rule != rule || innermost().frame != frame) {
      return false;
    }
    pop();
    return true;
  }

  void clear() noexcept {
    count_ = 0;
    is_suspect_ = false;
  }

 private:
  bool is_suspect_ = false;
  std::uint32_t count_ = 0;
  OpenScope scopes_[kCapacity]{};
};

}  // namespace sagemem
