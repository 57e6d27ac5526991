// SPDX-License-Identifier: Apache-2.0
//
// A lock for the few places where threads meet: new segments, new writers, the
// session's records.  It is held over system calls at most, never over a call
// into the target, the loader or the unwinder, so whoever waits for it waits
// for bounded work.
//
// Not a pthread mutex: those are the target's to interpose, and a fork child
// must be able to start from an unlocked one (it constructs a new state).
#pragma once

#include <sched.h>

#include <atomic>

#include "platform/system_call.h"

namespace sagemem {

class SpinLock {
 public:
  constexpr SpinLock() noexcept = default;
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  void lock() noexcept {
    // Acquire pairs with the release in unlock(): what the last holder wrote
    // is visible to the next.
    while (held_.exchange(true, std::memory_order_acquire)) {
      // The holder may have been descheduled; on a full machine only yielding
      // lets it go on.
      system_call(SYS_sched_yield);
    }
  }
  bool try_lock() noexcept {
    return !held_.exchange(true, std::memory_order_acquire);
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace sagemem
