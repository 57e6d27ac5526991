// SPDX-License-Identifier: Apache-2.0
//
// What a program says about its signals.  Passed on as it is, unless SIGTRAP is
// ours: then what concerns that signal is kept for it (scope/trap_signal.h).
//
// These may be called in a signal handler, and record nothing.
#include <signal.h>

#include "intercept/hooks.h"
#include "scope/trap_signal.h"

using sagemem::g_real;
using sagemem::g_trap_signal;

namespace {

bool is_ours() noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  return g_trap_signal.is_ours();
}

// As the C library's signal() and sysv_signal() do (signal(2), sysv_signal(3)).
sighandler_t set_trap_handler(sighandler_t handler, int flags) noexcept {
  struct sigaction wished = {};
  struct sigaction before = {};
  wished.sa_handler = handler;
  wished.sa_flags = flags;
  if ((flags & SA_NODEFER) == 0) sigaddset(&wished.sa_mask, SIGTRAP);
  if (g_trap_signal.set_action(&wished, &before) != 0) return SIG_ERR;
  return before.sa_handler;
}

sighandler_t set_handler(int number, sighandler_t handler) noexcept {
  if (is_ours() && number == SIGTRAP && handler != SIG_ERR) {
    return set_trap_handler(handler, SA_RESTART);
  }
  return reinterpret_cast<sighandler_t>(
      g_real.signal(number, reinterpret_cast<void*>(handler)));
}

// What the C library's is: its own would ask for the signal behind our back.
sighandler_t set_handler_once(int number, sighandler_t handler) noexcept {
  constexpr int kFlags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  if (is_ours() && number == SIGTRAP && handler != SIG_ERR) {
    return set_trap_handler(handler, kFlags);
  }
  struct sigaction wished = {};
  struct sigaction before = {};
  wished.sa_handler = handler;
  wished.sa_flags = kFlags;
  if (handler == SIG_ERR) {
    errno = EINVAL;
    return SIG_ERR;
  }
  if (g_real.sigaction(number, &wished, &before) != 0) return SIG_ERR;
  return before.sa_handler;
}

int set_action(int number, const struct sigaction* wished,
               struct sigaction* before) noexcept {
  if (!is_ours()) return g_real.sigaction(number, wished, before);
  return number == SIGTRAP
             ? g_trap_signal.set_action(wished, before)
             : g_trap_signal.set_other_action(number, wished, before);
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the C library's names.

SAGEMEM_EXPORT int sigaction(int number, const struct sigaction* wished,
                             struct sigaction* before) noexcept {
  return set_action(number, wished, before);
}

SAGEMEM_EXPORT int __sigaction(int number, const struct sigaction* wished,
                               struct sigaction* before) noexcept {
  return set_action(number, wished, before);
}

SAGEMEM_EXPORT sighandler_t signal(int number, sighandler_t handler) noexcept {
  return set_handler(number, handler);
}

SAGEMEM_EXPORT sighandler_t bsd_signal(int number,
                                       sighandler_t handler) noexcept {
  return set_handler(number, handler);
}

SAGEMEM_EXPORT sighandler_t ssignal(int number, sighandler_t handler) noexcept {
  return set_handler(number, handler);
}

SAGEMEM_EXPORT sighandler_t sysv_signal(int number,
                                        sighandler_t handler) noexcept {
  return set_handler_once(number, handler);
}

SAGEMEM_EXPORT sighandler_t __sysv_signal(int number,
                                          sighandler_t handler) noexcept {
  return set_handler_once(number, handler);
}

SAGEMEM_EXPORT int sigprocmask(int how, const sigset_t* set,
                               sigset_t* before) noexcept {
  if (!is_ours()) return g_real.sigprocmask(how, set, before);
  return g_trap_signal.change_mask(how, set, before, g_real.sigprocmask);
}

SAGEMEM_EXPORT int pthread_sigmask(int how, const sigset_t* set,
                                   sigset_t* before) noexcept {
  if (!is_ours()) return g_real.pthread_sigmask(how, set, before);
  return g_trap_signal.change_mask(how, set, before, g_real.pthread_sigmask);
}

// Its handlers run with the mask that it waits with.
SAGEMEM_EXPORT int sigsuspend(const sigset_t* set) {
  if (!is_ours() || sigismember(set, SIGTRAP) != 1) {
    return g_real.sigsuspend(set);
  }
  sigset_t open = *set;
  sigdelset(&open, SIGTRAP);
  const bool was_blocked = g_trap_signal.is_blocked();
  g_trap_signal.block(true);
  const int result = g_real.sigsuspend(&open);
  g_trap_signal.block(was_blocked);
  return result;
}

// NOLINTEND(readability-identifier-naming)
