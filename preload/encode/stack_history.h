// SPDX-License-Identifier: Apache-2.0
//
// The stack of the last record and the one being made, as arrays of return
// addresses, innermost first, so that the new one can be written as
// "pop n, push these":
//
//   last   f e d c b a        a: outermost
//   new      x y c b a        common 3, pop 3, push y x
//
// Two buffers that change roles: nothing is copied.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace sagemem {

// Deeper stacks are cut at the outer end, and the record counted as such.  The
// buffers cost address space only: pages are touched as far as stacks reach.
inline constexpr std::uint32_t kMaxFrames = 4096;

struct StackDelta {
  const std::uint64_t* frames;  // the new stack, innermost first
  std::uint32_t depth;
  std::uint32_t pop;
  std::uint32_t push;

  [[nodiscard]] bool is_same() const noexcept { return pop == 0 && push == 0; }
};

class StackHistory {
 public:
  // Where to capture the next stack; holds kMaxFrames.
  [[nodiscard]] std::uint64_t* next() noexcept { return next_->data(); }

  // What makes the stack captured in next() out of the last one.
  [[nodiscard]] StackDelta compare(std::uint32_t depth) const noexcept {
    const std::uint64_t* a = last_->data() + last_depth_;
    const std::uint64_t* b = next_->data() + depth;
    std::uint32_t limit = depth < last_depth_ ? depth : last_depth_;
    std::uint32_t common = 0;
    while (common < limit && a[-1] == b[-1]) {
      --a;
      --b;
      ++common;
    }
    return {next_->data(), depth, last_depth_ - common, depth - common};
  }

  // The stack captured in next() has been written.
  void accept(std::uint32_t depth) noexcept {
    std::swap(last_, next_);
    last_depth_ = depth;
  }

  // A new segment: the reader starts from an empty stack.
  void forget() noexcept { last_depth_ = 0; }

 private:
  using Frames = std::array<std::uint64_t, kMaxFrames>;
  Frames buffers_[2]{};
  Frames* last_ = &buffers_[0];
  Frames* next_ = &buffers_[1];
  std::uint32_t last_depth_ = 0;
};

}  // namespace sagemem
