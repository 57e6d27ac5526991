// SPDX-License-Identifier: Apache-2.0
//
// System calls without libc in between: they return -errno instead of touching
// errno, are no cancellation points, and can not be interposed by the target,
// by another preload, or by ourselves (the mmap hook).
//
// The register conventions are those of syscall(2).
#pragma once

#include <sys/syscall.h>

#include <type_traits>

namespace sagemem {

namespace detail {

template <typename T>
inline long to_register(T value) noexcept {
  if constexpr (std::is_null_pointer_v<T>) {
    return 0;
  } else if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<long>(value);
  } else {
    return static_cast<long>(value);
  }
}

#if defined(__x86_64__)
inline long system_call_raw(long number, long a, long b, long c, long d, long e,
                            long f) noexcept {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                     "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long system_call_raw(long number, long a, long b, long c, long d, long e,
                            long f) noexcept {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}
#else
#error "no system call convention for this architecture"
#endif

}  // namespace detail

// The result, or -errno.
template <typename... Args>
inline long system_call(long number, Args... args) noexcept {
  static_assert(sizeof...(Args) <= 6);
  const long values[6] = {detail::to_register(args)...};
  return detail::system_call_raw(number, values[0], values[1], values[2],
                                 values[3], values[4], values[5]);
}

inline bool is_error(long result) noexcept {
  return result < 0 && result >= -4095;
}

}  // namespace sagemem
