// SPDX-License-Identifier: Apache-2.0
//
// A call stack as the difference to the one recorded before it by the same
// writer: what capture/ hands to encode/.  Return addresses, outermost first,
// so that what stays the same stands at the front:
//
//   last   a b c d e f      a: outermost
//   new    a b c y x        kept 3: pop 3, push y x
#pragma once

#include <cstdint>

namespace sagemem {

// Deeper stacks are cut at the outer end, and the record counted as such.
inline constexpr std::uint32_t kMaxFrames = 8192;

// A frame that waits for its callee's return, to `pc`; the stack pointer will
// then be `sp`, and the return address stands just below it.  0: not known.
struct StackFrame {
  std::uint64_t sp;
  std::uint64_t pc;
};

struct StackDelta {
  const StackFrame* frames;  // the new stack
  std::uint32_t depth;
  std::uint32_t kept;
  std::uint32_t last_depth;

  [[nodiscard]] bool is_same() const noexcept {
    return kept == depth && kept == last_depth;
  }
  [[nodiscard]] std::uint32_t pop() const noexcept { return last_depth - kept; }
  [[nodiscard]] std::uint32_t push() const noexcept { return depth - kept; }
};

}  // namespace sagemem
