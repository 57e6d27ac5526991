// SPDX-License-Identifier: Apache-2.0
//
// SIGTRAP, which our breakpoints need and which is the program's: what it says
// about the signal is kept here, and what is no breakpoint of ours is handled
// as it says.
//
//   the program                        the kernel
//   handler, flags and mask            our handler, the same flags and mask
//   SIGTRAP blocked                    never: a breakpoint would end the
//   program
//                                      (force_sig() in kernel/signal.c)
//
// While SIGTRAP is not ours, nothing here is used.  Hazard: what is called from
// the handler takes no lock and calls nothing but the kernel and the program's
// own handler.
#pragma once

#include <signal.h>

#include <atomic>
#include <cstdint>

namespace sagemem {

// The C library's own, which ours stand in front of.
struct RealSignals {
  int (*set_action)(int, const void*, void*) = nullptr;
  int (*change_mask)(int, const void*, void*) = nullptr;  // of the thread
};

class TrapSignal {
 public:
  using Handler = void (*)(int, siginfo_t*, void*);

  // False: it can not be ours, because another thread blocks it, whose mask is
  // its own.
  bool take(const RealSignals& real, Handler handler) noexcept;
  [[nodiscard]] bool is_ours() const noexcept {
    // Acquire: with it comes what take() has written.
    return is_ours_.load(std::memory_order_acquire);
  }

  // From the handler: the signal is none of ours.
  void pass_on(int number, siginfo_t* info, void* context) noexcept;

  // What the program asks for, once the signal is ours; as sigaction(2) of
  // SIGTRAP.
  int set_action(const struct sigaction* action,
                 struct sigaction* before) noexcept;
  // Of another signal: its handler must not block SIGTRAP.
  int set_other_action(int number, const struct sigaction* action,
                       struct sigaction* before) noexcept;
  // `change(how, set, before)`: the C library's sigprocmask or the like.
  template <typename Change>
  int change_mask(int how, const sigset_t* set, sigset_t* before,
                  Change change) noexcept {
    const bool was_blocked = is_blocked();
    const bool has = set != nullptr && sigismember(set, SIGTRAP) == 1;
    sigset_t open;
    if (set != nullptr) {
      open = *set;
      sigdelset(&open, SIGTRAP);
    }
    const int result = change(how, set == nullptr ? nullptr : &open, before);
    if (result != 0) return result;
    if (before != nullptr && was_blocked) sigaddset(before, SIGTRAP);
    if (set == nullptr) return 0;
    if (how == SIG_SETMASK) {
      block(has);
    } else if (has) {
      block(how == SIG_BLOCK);
    }
    return 0;
  }
  [[nodiscard]] bool is_blocked() const noexcept;
  // For this thread and those that it will make.
  void block(bool is_blocked) noexcept;

  // A jump may leave a handler of the program's that we have called.
  void on_jump() noexcept;

  // An image that is to replace this one inherits what is ignored and blocked.
  void before_exec() noexcept;
  void after_failed_exec() noexcept;

 private:
  static constexpr unsigned kSlots = 16;
  static constexpr int kSignals = 65;

  [[nodiscard]] const struct sigaction& action() const noexcept {
    // Acquire pairs with publish().
    return slots_[current_.load(std::memory_order_acquire) % kSlots];
  }
  void publish(const struct sigaction& action) noexcept;
  int install() noexcept;
  void open_other_handlers() noexcept;
  void end_program() noexcept;
  void deliver_pending() noexcept;

  RealSignals real_;
  Handler handler_ = nullptr;
  std::atomic<bool> is_ours_{false};
  // Without a lock, which a handler could not take: writers take turns at the
  // slots, so that one is written again only after many others.
  std::atomic<unsigned> next_{0};
  std::atomic<unsigned> current_{0};
  struct sigaction slots_[kSlots] = {};
  // What the last thread said that changed it: threads to come inherit it.
  std::atomic<bool> is_blocked_by_default_{false};
  std::atomic<bool> others_block_it_[kSignals] = {};
};

extern TrapSignal g_trap_signal;

}  // namespace sagemem
