// SPDX-License-Identifier: Apache-2.0
//
// Ticks that order events between threads, and the clocks that give them a
// length.  The time-stamp counter where it is invariant (it then runs at one
// rate on all cores, Intel SDM vol. 3B 18.17.1), else CLOCK_MONOTONIC in ns.
//
// The reading waits for all earlier loads (rdtscp, Intel SDM vol. 2B): a plain
// rdtsc may be executed early by an out-of-order core, a release stamped before
// the load that brought the block from the thread that made it, and an
// allocation before those that made it ours.  Both have been seen.  And a later
// store can not become visible before the reading has retired, so a release is
// stamped before the block can be someone else's.  A later load could be ahead
// of it; the fence after it (Intel SDM vol. 2B, RDTSCP) sees to that, because
// what orders events without a stamp is a load after the reading
// (session/event_order.h).
#pragma once

#include <time.h>

#include <cstdint>

#include "sagemem/trace/format.h"
#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace sagemem {

inline std::int64_t read_clock_ns(clockid_t clock) noexcept {
  timespec now{};
  // Through the vdso: no system call; can not fail for the two clocks used.
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

class Clock {
 public:
  // Finds out what this machine has.  Before: CLOCK_MONOTONIC.
  void choose() noexcept {
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) != 0 &&
        (edx & (1u << 8)) != 0) {
      kind_ = trace::ClockKind::TimeStampCounter;
    }
#endif
  }

  [[nodiscard]] trace::ClockKind kind() const noexcept {
    return kind_;
  }

  [[nodiscard]] std::uint64_t ticks() const noexcept {
#if defined(__x86_64__)
    if (kind_ == trace::ClockKind::TimeStampCounter) {
      unsigned processor;
      const std::uint64_t ticks = __rdtscp(&processor);
      wait_for_reading();
      return ticks;
    }
#endif
    const auto ns = static_cast<std::uint64_t>(read_clock_ns(CLOCK_MONOTONIC));
    wait_for_reading();
    return ns;
  }

 private:
  static void wait_for_reading() noexcept {
#if defined(__x86_64__)
    // No _mm_lfence(): some of our code is compiled without vectors.
    asm volatile("lfence" ::: "memory");
#elif defined(__aarch64__)
    // Arm ARM, "synchronization of the counter": the reading, then the loads.
    asm volatile("isb" ::: "memory");
#endif
  }

  trace::ClockKind kind_ = trace::ClockKind::MonotonicNs;
};

}  // namespace sagemem
