// SPDX-License-Identifier: Apache-2.0
//
// Probes of functions that no jump fits into: one byte, int3, is written over
// the first of theirs.
//
//   f:  int3                SIGTRAP; the handler goes on in the probe's code:
//       ...                 push $number; jmp stub, and all is as with a jump
//
// The handler does nothing else: no record is written in a signal.  A call
// costs the two ways through the kernel, some microseconds.
#pragma once

#include <atomic>
#include <cstdint>

#include "scope/trap_signal.h"

namespace sagemem {

class Breakpoints {
 public:
  static constexpr std::uint32_t kMost = 256;
  static constexpr std::uint8_t kCode = 0xcc;

  // With these the signal is taken when the first breakpoint is due.
  void allow(const RealSignals& real) noexcept { real_ = real; }

  // Before the byte is written.  False: it must not be.
  bool add(std::uint64_t address, std::uint64_t thunk) noexcept;
  // What is in [start, end) is no more.
  void forget(std::uint64_t start, std::uint64_t end) noexcept;
  // Where to go on from there; 0: it is none of ours.
  [[nodiscard]] std::uint64_t find(std::uint64_t address) const noexcept;

 private:
  // Read by the signal handler at any time: the address is written last, and
  // says that the thunk is there.
  struct Place {
    std::atomic<std::uint64_t> address{0};
    std::atomic<std::uint64_t> thunk{0};
  };

  RealSignals real_;
  std::atomic<std::uint32_t> used_{0};
  Place places_[kMost];
};

extern Breakpoints g_breakpoints;

}  // namespace sagemem
