// SPDX-License-Identifier: Apache-2.0
//
// Keeps signal handlers of the target out of this thread: they come when it is
// over.  Not those that an instruction raises by itself: blocked, they would
// end the process (sigprocmask(2)).
#pragma once

#include <csignal>
#include <cstdint>
#include <initializer_list>

#include "platform/system_call.h"

namespace sagemem {

class SignalBlocker {
 public:
  SignalBlocker() noexcept {
    std::uint64_t mask = ~std::uint64_t{0};
    for (const int number :
         {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS}) {
      mask &= ~(std::uint64_t{1} << (number - 1));
    }
    // The C library's function leaves out signals of its own.
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &former_, sizeof mask);
  }
  ~SignalBlocker() {
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, &former_, nullptr,
                sizeof former_);
  }
  SignalBlocker(const SignalBlocker&) = delete;
  SignalBlocker& operator=(const SignalBlocker&) = delete;

 private:
  std::uint64_t former_ = 0;
};

}  // namespace sagemem
