// SPDX-License-Identifier: Apache-2.0
//
// Where the program stood when it asked for its end: the first frame that is
// neither of this library nor of the C library.  What lies on the stack inside
// of it is left over from calls that have returned, or ours.
//
//   on_exit_handler            this library
//   __run_exit_handlers, exit  the C library
//   leave_early                <- here: its stack pointer, and what registers
//   main                          hold for it
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem {

struct OuterFrame {
  static constexpr std::size_t kRegisters = 8;

  std::uint64_t stack_pointer;
  std::uint64_t registers[kRegisters];  // 0: none
};

// Calls libunwind, which asks the loader: no lock of ours may be held.
OuterFrame find_outer_frame() noexcept;

}  // namespace sagemem
