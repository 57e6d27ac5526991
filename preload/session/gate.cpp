// SPDX-License-Identifier: Apache-2.0
#include "session/gate.h"

#include <sys/mman.h>

#include "platform/system_call.h"

namespace sagemem {

constinit Gate g_gate;

bool Gate::prepare() noexcept {
  // Linux 4.14, madvise(2); the flag stays in children.
  return !is_error(
      system_call(SYS_madvise, this, sizeof *this, MADV_WIPEONFORK));
}

std::uint64_t Gate::next_epoch() noexcept {
  // Relaxed: only that no two are the same matters.
  const std::uint64_t epoch =
      epochs_.fetch_add(1, std::memory_order_relaxed) + 1;
  return epoch << kNumberShift | kIsShared | kRecording;
}

void Gate::set(RecorderState state) noexcept {
  // Release: what was set up is seen by whoever sees the state.
  word_.store(state == RecorderState::Recording
                  ? next_epoch()
                  : static_cast<std::uint64_t>(state),
              std::memory_order_release);
}

bool Gate::stop() noexcept {
  std::uint64_t now = word();
  do {
    if ((now & kStateMask) != kRecording) return false;
    // Relaxed: an event more or less in the trace does not matter.
  } while (!word_.compare_exchange_weak(
      now, static_cast<std::uint64_t>(RecorderState::Stopped),
      std::memory_order_relaxed));
  return true;
}

// All sequentially consistent: who sees the new word does so after it was set
// for everybody, see event_order.h.

void Gate::claim(std::uint64_t pass) noexcept {
  std::uint64_t now = word();
  if (is_shared(now)) word_.compare_exchange_strong(now, pass);
}

void Gate::share() noexcept {
  std::uint64_t now = word();
  while (is_alone(now) && !word_.compare_exchange_weak(now, next_epoch())) {
  }
}

void Gate::renew() noexcept {
  std::uint64_t now = word();
  while ((now & kStateMask) == kRecording &&
         !word_.compare_exchange_weak(now, next_epoch())) {
  }
}

}  // namespace sagemem
