// SPDX-License-Identifier: Apache-2.0
//
// Ticks that order events between threads, and the clocks that give them a
// length.  The time-stamp counter where it is invariant (it then runs at one
// rate on all cores, Intel SDM vol. 3B 18.17.1), else CLOCK_MONOTONIC in ns.
//
// Two readings, because the counter may be read early or late by an out-of-
// order core: a release is stamped before the block can become someone else's
// (a later store can not become visible before the reading has retired), an
// allocation after it has become ours (rdtscp waits for all earlier loads).
// So for each address birth and release stamps stay in order across threads.
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

  [[nodiscard]] std::uint64_t ticks_before_release() const noexcept {
#if defined(__x86_64__)
    if (kind_ == trace::ClockKind::TimeStampCounter) return __rdtsc();
#endif
    return static_cast<std::uint64_t>(read_clock_ns(CLOCK_MONOTONIC));
  }

  [[nodiscard]] std::uint64_t ticks_after_allocation() const noexcept {
#if defined(__x86_64__)
    if (kind_ == trace::ClockKind::TimeStampCounter) {
      unsigned processor;
      return __rdtscp(&processor);
    }
#endif
    return static_cast<std::uint64_t>(read_clock_ns(CLOCK_MONOTONIC));
  }

  // Moves every few milliseconds and costs a third of the counter where that is
  // slow (virtual machines): says whether time has passed.
  [[nodiscard]] static std::int64_t coarse_ns() noexcept {
    return read_clock_ns(CLOCK_MONOTONIC_COARSE);
  }

 private:
  trace::ClockKind kind_ = trace::ClockKind::MonotonicNs;
};

}  // namespace sagemem
