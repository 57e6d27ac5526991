// SPDX-License-Identifier: Apache-2.0
#include "session/gate.h"

#include <sys/mman.h>

#include "platform/system_call.h"

namespace sagemem {

namespace {

constexpr auto kShared = static_cast<std::uint64_t>(RecorderState::Recording);

}  // namespace

constinit Gate g_gate;

bool Gate::prepare() noexcept {
  // Linux 4.14, madvise(2); the flag stays in children.
  return !is_error(
      system_call(SYS_madvise, this, sizeof *this, MADV_WIPEONFORK));
}

bool Gate::stop() noexcept {
  std::uint64_t now = word();
  do {
    if ((now & 3) != kShared) return false;
    // Relaxed: an event more or less in the trace does not matter.
  } while (!word_.compare_exchange_weak(
      now, static_cast<std::uint64_t>(RecorderState::Stopped),
      std::memory_order_relaxed));
  return true;
}

void Gate::claim(std::uint64_t pass) noexcept {
  std::uint64_t expected = kShared;
  // Sequentially consistent, as share() is: whoever has shared before is seen.
  word_.compare_exchange_strong(expected, pass);
}

void Gate::share() noexcept {
  std::uint64_t now = word();
  while (now > 3 && !word_.compare_exchange_weak(now, kShared)) {
  }
}

}  // namespace sagemem
