// SPDX-License-Identifier: Apache-2.0
//
// Where a hook was called from: what the unwinder starts with.
//
// Hazard: the frame pointer must still be the caller's when it is read.  The
// whole library is compiled with that register out of bounds (-ffixed-rbp), and
// foreign code that a hook calls restores it, as the ABI demands.
#pragma once

#include <cstdint>

namespace sagemem {

struct CallPoint {
  std::uint64_t pc;  // return address of the hook
  std::uint64_t sp;  // stack pointer after the hook's return
  std::uint64_t fp;  // frame pointer of the caller; 0 where it is not used
};

inline std::uint64_t read_frame_pointer() noexcept {
#if defined(__x86_64__)
  std::uint64_t value;
  __asm__("movq %%rbp, %0" : "=r"(value));
  return value;
#else
  return 0;
#endif
}

}  // namespace sagemem

// Only in an exported function itself, not in a function that it calls.  The
// value is a callable, which a hook asks when it needs the call point: after
// the real call it is read again from the stack, for less than it would cost to
// keep it in registers across the call.
#if defined(__clang__)
#define SAGEMEM_INLINED_NOEXCEPT __attribute__((always_inline)) noexcept
#else
#define SAGEMEM_INLINED_NOEXCEPT noexcept __attribute__((always_inline))
#endif
#define SAGEMEM_CALL_POINT                                            \
  []() SAGEMEM_INLINED_NOEXCEPT {                                     \
    return ::sagemem::CallPoint{                                      \
        reinterpret_cast<std::uint64_t>(__builtin_return_address(0)), \
        reinterpret_cast<std::uint64_t>(__builtin_dwarf_cfa()),       \
        ::sagemem::read_frame_pointer()};                             \
  }
