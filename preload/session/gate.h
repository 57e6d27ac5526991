// SPDX-License-Identifier: Apache-2.0
//
// The one word that every hook looks at.  It answers three questions in a
// single comparison with the thread's own pass (thread_state.h): is the
// recorder at work, in this very process, and does this thread alone record?
//
//     63                              2 1       0
//     | writer that records alone, or 0 |  state  |
//
// The kernel zeroes the word's page in every child that gets a copy of our
// memory, however it was forked (MADV_WIPEONFORK): state Fresh.
//
// A thread that records alone leaves time stamps out and takes the short ways
// (Recorder::on_simple_*).  Why that keeps the order between threads: any other
// thread shares the gate before it lets go of its first block, and whoever gets
// that block through the allocator or the program has seen the store, because
// what hands blocks over orders memory.  So the look at the gate that decides
// comes after the real call of an allocation, and before that of a release.
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

  [[nodiscard]] RecorderState state() const noexcept {
    return static_cast<RecorderState>(word() & 3);
  }
  [[nodiscard]] bool lets_in(std::uint64_t pass) const noexcept {
    return word() == pass;
  }
  // Some writer records alone, and it is not the one with `pass`.
  [[nodiscard]] bool is_anothers(std::uint64_t pass) const noexcept {
    const std::uint64_t now = word();
    return now > 3 && now != pass;
  }

  static constexpr std::uint64_t pass_of(std::uint32_t writer) noexcept {
    return std::uint64_t{writer} << 2 |
           static_cast<std::uint64_t>(RecorderState::Recording);
  }

  // Start and end; no writer is alone then.
  void set(RecorderState state) noexcept {
    // Release: what was set up is seen by whoever sees the state.
    word_.store(static_cast<std::uint64_t>(state), std::memory_order_release);
  }
  // From Recording to Stopped; false: another thread was first.
  bool stop() noexcept;

  // From nobody alone to the writer of `pass`; fails if recording has ended.
  void claim(std::uint64_t pass) noexcept;
  // Nobody is alone any more.
  void share() noexcept;

 private:
  [[nodiscard]] std::uint64_t word() const noexcept {
    // Relaxed: see the head of this file for what orders it.
    return word_.load(std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> word_{0};
};
static_assert(sizeof(Gate) == kGateBytes);

extern constinit Gate g_gate;

}  // namespace sagemem
