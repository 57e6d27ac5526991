// SPDX-License-Identifier: Apache-2.0
//
// The one word that every hook looks at.  It answers three questions in a
// single comparison with the thread's own passes: is the recorder at work, in
// this very process, and do threads record as they did when this one looked
// last?
//
//     63                         3      2      1       0
//     | writer that records alone |  0  |    state     |
//     | number of the epoch       |  1  |    state     |   several record
//
// The kernel zeroes the word's page in every child that gets a copy of our
// memory, however it was forked (MADV_WIPEONFORK): state Fresh.
//
// What each mode means for the order of events: event_order.h.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sagemem {

enum class RecorderState : std::uint32_t {
  Fresh = 0,  // not started; or a fork child that did not notice yet
  Recording = 1,
  Stopped = 2,
  Off = 3,
};

// Large enough for every page size in use: what else is in the page would be
// zeroed as well.
#if defined(__x86_64__)
inline constexpr std::size_t kGateBytes = 4096;
#else
inline constexpr std::size_t kGateBytes = 65536;
#endif

class alignas(kGateBytes) Gate {
 public:
  // Has the kernel zero it in fork children.  False: it does not know how.
  bool prepare() noexcept;

  [[nodiscard]] std::uint64_t word() const noexcept {
    // Relaxed: see event_order.h for what orders it.
    return word_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] RecorderState state() const noexcept {
    return static_cast<RecorderState>(word() & kStateMask);
  }
  [[nodiscard]] bool is_open_to(std::uint64_t pass) const noexcept {
    return word() == pass;
  }

  // A pass that is never let in: not recording, and somebody's.
  static constexpr std::uint64_t kNoPass = std::uint64_t{1} << 62;

  static constexpr std::uint64_t pass_of(std::uint32_t writer) noexcept {
    return std::uint64_t{writer} << kNumberShift | kRecording;
  }
  static constexpr bool is_alone(std::uint64_t word) noexcept {
    return (word & (kStateMask | kIsShared)) == kRecording;
  }
  static constexpr bool is_shared(std::uint64_t word) noexcept {
    return (word & (kStateMask | kIsShared)) == (kRecording | kIsShared);
  }

  // The same of a pass that the gate is open to.
  static constexpr bool is_shared_pass(std::int64_t pass) noexcept {
    return (static_cast<std::uint64_t>(pass) & kIsShared) != 0;
  }

  // Start and end; no writer is alone then.
  void set(RecorderState state) noexcept;
  // From Recording to Stopped; false: another thread was first.
  bool stop() noexcept;

  // From nobody alone to the writer of `pass`; fails if recording has ended.
  void claim(std::uint64_t pass) noexcept;
  // Nobody is alone any more.
  void share() noexcept;
  // The same, and where nobody was alone before, a new epoch begins.
  void renew() noexcept;

 private:
  static constexpr std::uint64_t kStateMask = 3;
  static constexpr std::uint64_t kRecording = 1;
  static constexpr std::uint64_t kIsShared = 4;
  static constexpr unsigned kNumberShift = 3;
  static_assert(kRecording ==
                static_cast<std::uint64_t>(RecorderState::Recording));

  // Never the same twice.
  std::uint64_t next_epoch() noexcept;

  std::atomic<std::uint64_t> word_{0};
  std::atomic<std::uint64_t> epochs_{0};
};
static_assert(sizeof(Gate) == kGateBytes);

extern constinit Gate g_gate;

}  // namespace sagemem
