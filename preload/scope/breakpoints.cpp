// SPDX-License-Identifier: Apache-2.0
#include "scope/breakpoints.h"

#include <ucontext.h>

namespace sagemem {

constinit Breakpoints g_breakpoints;

namespace {

void on_trap(int number, siginfo_t* info, void* context) noexcept {
#if defined(__x86_64__)
  // The kernel's own code for int3 (do_int3_user() in arch/x86/kernel/traps.c);
  // nobody else can send it.  The program counter is behind the byte.
  if (info->si_code == SI_KERNEL) {
    auto& pc = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
    const std::uint64_t thunk =
        g_breakpoints.find(static_cast<std::uint64_t>(pc) - 1);
    if (thunk != 0) {
      pc = static_cast<greg_t>(thunk);
      return;
    }
  }
#endif
  g_trap_signal.pass_on(number, info, context);
}

}  // namespace

bool Breakpoints::add(std::uint64_t address, std::uint64_t thunk) noexcept {
  if (!g_trap_signal.take(real_, &on_trap)) return false;
  const std::uint32_t used = used_.load(std::memory_order_relaxed);
  std::uint32_t at = 0;
  while (at < used &&
         places_[at].address.load(std::memory_order_relaxed) != 0) {
    ++at;
  }
  if (at == kMost) return false;
  places_[at].thunk.store(thunk, std::memory_order_relaxed);
  // Release: who finds the address finds its thunk.
  places_[at].address.store(address, std::memory_order_release);
  if (at == used) used_.store(used + 1, std::memory_order_release);
  return true;
}

void Breakpoints::forget(std::uint64_t start, std::uint64_t end) noexcept {
  const std::uint32_t used = used_.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < used; ++i) {
    const std::uint64_t address =
        places_[i].address.load(std::memory_order_relaxed);
    if (address >= start && address < end) {
      places_[i].address.store(0, std::memory_order_release);
    }
  }
}

std::uint64_t Breakpoints::find(std::uint64_t address) const noexcept {
  const std::uint32_t used = used_.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < used; ++i) {
    if (places_[i].address.load(std::memory_order_acquire) == address) {
      return places_[i].thunk.load(std::memory_order_relaxed);
    }
  }
  return 0;
}

}  // namespace sagemem
