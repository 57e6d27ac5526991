// SPDX-License-Identifier: Apache-2.0
//
// Makes all other threads of the process stand still for a moment, and says
// where: registers, stack pointer, thread pointer.
//
//   stop()     each gets a signal; its handler writes down what it has
//              interrupted, and waits
//   release()  they go on
//
// The signal is the one that glibc keeps for setuid() (33, SIGSETXID in
// nptl/internal-signals.h): no function of libc lets a program block it or wait
// for it, so threads that block "all signals" answer too.  What the C library
// has sent itself goes to its own handler.  The C library itself blocks it for
// moments (it makes or ends a thread, or starts a program): such a thread is
// asked again for a while.
//
// Hazards.  (1) A thread that stands still may hold any lock: between stop()
// and release() nothing is called but the kernel.  (2) A signal may arrive
// late: then the handler stays, because the signal without one ends the
// process.  (3) Many system calls are not restarted after a handler (signal(7):
// poll, pause, nanosleep), and what the thread would do about EINTR it would
// never have done without us: it stays where it is for ten seconds more, in
// which the process ends.  (4) The handler needs room on the thread's stack,
// or on the alternate one where it has one, as any handler does.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sagemem/trace/scan.h"

namespace sagemem {

struct StoppedThread {
  static constexpr std::size_t kRegisters = 32;

  std::int32_t tid;
  trace::ThreadStop how;
  std::uint64_t stack_pointer;          // 0: not known
  std::uint64_t thread_pointer;         // 0: not known
  std::uint64_t registers[kRegisters];  // 0: none
  // For the one that stops, and the handler.
  std::atomic<std::uint32_t> state;
};

class ThreadStopper {
 public:
  static constexpr std::size_t kMaxThreads = 32 * 1024;

  // `deadline_ns`: CLOCK_MONOTONIC; those that block the signal have `deaf_ns`.
  // False: no memory, or no /proc/self/task of ours.
  bool stop(std::int64_t deadline_ns,
            std::int64_t deaf_ns = 200'000'000) noexcept;
  void release() noexcept;

  // 0: not known.
  [[nodiscard]] static std::uint64_t own_thread_pointer() noexcept;

  // All but the calling one.
  [[nodiscard]] const StoppedThread* begin() const noexcept { return threads_; }
  [[nodiscard]] const StoppedThread* end() const noexcept {
    return threads_ + count_;
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // At least; as it was at the end of stop().
  [[nodiscard]] std::size_t missed() const noexcept { return missed_; }
  [[nodiscard]] std::uint64_t own_start() const noexcept {
    return reinterpret_cast<std::uint64_t>(scratch_);
  }
  [[nodiscard]] std::uint64_t own_end() const noexcept {
    return own_start() + kBytes;
  }

 private:
  // Threads may have small stacks: what is large stands here.
  struct alignas(64) Scratch {
    char entries[4096];
    char text[4096];
  };
  static constexpr std::size_t kBytes =
      sizeof(Scratch) + kMaxThreads * sizeof(StoppedThread);

  bool install() noexcept;
  bool list_new(std::size_t& added) noexcept;
  bool add(std::int32_t tid) noexcept;
  void signal(StoppedThread& thread) noexcept;
  bool is_gone(const StoppedThread& thread) noexcept;
  bool is_awaited(StoppedThread& thread, bool hears) noexcept;
  void wait(std::int64_t deadline_ns, std::int64_t deaf_ns) noexcept;
  void settle(bool has_all) noexcept;

  Scratch* scratch_ = nullptr;
  StoppedThread* threads_ = nullptr;
  std::size_t count_ = 0;
  std::size_t missed_ = 1;          // until it is known
  std::uint64_t restrictions_ = 0;  // of the calling thread
  std::int32_t pid_ = 0;
  std::int32_t own_tid_ = 0;
  bool is_installed_ = false;
};

}  // namespace sagemem
