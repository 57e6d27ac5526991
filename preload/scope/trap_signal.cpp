// SPDX-License-Identifier: Apache-2.0
#include "scope/trap_signal.h"

#include <dirent.h>
#include <ucontext.h>

#include <cstring>

#include "platform/file.h"
#include "platform/text_buffer.h"

namespace sagemem {

constinit TrapSignal g_trap_signal;

namespace {

enum class Blocked : std::uint8_t { AsInherited, No, Yes };

// What the thread says of SIGTRAP, and a signal that came meanwhile: enough of
// it to send it again.
struct ThreadTrap {
  Blocked blocked;
  bool is_pending;
  bool is_in_exec;
  Blocked before_handlers;  // of the program's own, while they run
  std::uint32_t handlers;
  int code;
  std::int32_t pid;
  std::uint32_t uid;
  union sigval value;
};

// A signal handler may look at it at any time, so single words; initial-exec
// like t_state.
constinit thread_local ThreadTrap t_trap
    __attribute__((tls_model("initial-exec"))) = {};

// The kernel sent it for what the thread itself did.
bool is_forced(const siginfo_t& info) noexcept {
  return info.si_code > 0;
}

// "SigBlk:\t0000000000000010" of a thread's status.
bool status_blocks_trap(const char* status) noexcept {
  static constexpr char kName[] = "SigBlk:";
  const char* at = std::strstr(status, kName);
  if (at == nullptr) return true;
  at += sizeof kName - 1;
  while (*at == '\t' || *at == ' ') ++at;
  std::uint64_t mask = 0;
  for (;; ++at) {
    const char digit = *at;
    if (digit >= '0' && digit <= '9') {
      mask = mask << 4 | static_cast<std::uint64_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      mask = mask << 4 | static_cast<std::uint64_t>(digit - 'a' + 10);
    } else {
      break;
    }
  }
  return (mask >> (SIGTRAP - 1) & 1) != 0;
}

bool thread_blocks_trap(const char* tid) noexcept {
  TextBuffer<64> path;
  path.add("/proc/self/task/").add(tid).add("/status");
  char status[2048];
  const std::size_t size = read_file(path.c_str(), status, sizeof status - 1);
  if (size == 0) return false;  // it has ended
  status[size] = '\0';
  return status_blocks_trap(status);
}

// getdents64(2)
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

bool any_other_blocks_trap() noexcept {
  TextBuffer<24> self;
  self.add_number(system_call(SYS_gettid));
  const long fd = open_file("/proc/self/task", O_RDONLY | O_DIRECTORY);
  if (is_error(fd)) return true;
  bool result = false;
  alignas(8) char entries[4096];
  for (;;) {
    const long got = system_call(SYS_getdents64, fd, entries, sizeof entries);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      Entry entry;
      std::memcpy(&entry, entries + at, offsetof(Entry, name));
      const char* name = entries + at + offsetof(Entry, name);
      at += entry.length;
      if (*name == '.' || std::strcmp(name, self.c_str()) == 0) continue;
      result = result || thread_blocks_trap(name);
    }
  }
  close_file(fd);
  return result;
}

}  // namespace

bool TrapSignal::take(const RealSignals& real, Handler handler) noexcept {
  if (is_ours()) return true;
  if (real.set_action == nullptr || real.change_mask == nullptr) return false;
  if (any_other_blocks_trap()) return false;
  real_ = real;
  handler_ = handler;
  struct sigaction before;
  if (real_.set_action(SIGTRAP, nullptr, &before) != 0) return false;
  publish(before);
  sigset_t trap;
  sigset_t mask;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  if (install() != 0 || real_.change_mask(SIG_UNBLOCK, &trap, &mask) != 0) {
    return false;
  }
  if (sigismember(&mask, SIGTRAP) == 1) block(true);
  open_other_handlers();
  is_ours_.store(true, std::memory_order_release);
  return true;
}

void TrapSignal::publish(const struct sigaction& action) noexcept {
  const unsigned slot = next_.fetch_add(1, std::memory_order_relaxed) + 1;
  slots_[slot % kSlots] = action;
  // Release: with the number comes what is in the slot.
  current_.store(slot, std::memory_order_release);
}

// Ours, in the way that the program's would be called.  Not deferred: its own
// handler may call a function with a breakpoint.
int TrapSignal::install() noexcept {
  const struct sigaction& wished = action();
  struct sigaction ours = wished;
  const bool is_handled =
      wished.sa_handler != SIG_DFL && wished.sa_handler != SIG_IGN;
  ours.sa_sigaction = handler_;
  ours.sa_flags = SA_SIGINFO | SA_NODEFER;
  ours.sa_flags |= is_handled ? wished.sa_flags & (SA_ONSTACK | SA_RESTART)
                              : SA_ONSTACK | SA_RESTART;
  if (!is_handled) sigemptyset(&ours.sa_mask);
  sigdelset(&ours.sa_mask, SIGTRAP);
  return real_.set_action(SIGTRAP, &ours, nullptr);
}

// Those that are there already.
void TrapSignal::open_other_handlers() noexcept {
  for (int number = 1; number < kSignals; ++number) {
    struct sigaction other;
    if (number == SIGTRAP || number == SIGKILL || number == SIGSTOP ||
        real_.set_action(number, nullptr, &other) != 0 ||
        sigismember(&other.sa_mask, SIGTRAP) != 1) {
      continue;
    }
    others_block_it_[number].store(true, std::memory_order_relaxed);
    sigdelset(&other.sa_mask, SIGTRAP);
    real_.set_action(number, &other, nullptr);
  }
}

int TrapSignal::set_action(const struct sigaction* wished,
                           struct sigaction* before) noexcept {
  const struct sigaction was = action();
  if (wished != nullptr) {
    // As the kernel keeps it: with how the C library returns from handlers
    // (SA_RESTORER in asm/signal.h).
    constexpr int kRestorer = 0x04000000;
    struct sigaction kept = *wished;
    kept.sa_flags |= kRestorer;
    publish(kept);
    const int result = install();
    if (result != 0) {
      publish(was);
      return result;
    }
  }
  if (before != nullptr) *before = was;
  return 0;
}

int TrapSignal::set_other_action(int number, const struct sigaction* wished,
                                 struct sigaction* before) noexcept {
  if (number <= 0 || number >= kSignals) {
    return real_.set_action(number, wished, before);
  }
  std::atomic<bool>& blocks_it = others_block_it_[number];
  const bool was = blocks_it.load(std::memory_order_relaxed);
  const bool has =
      wished != nullptr && sigismember(&wished->sa_mask, SIGTRAP) == 1;
  const bool is_change = wished != nullptr;
  struct sigaction open;
  if (is_change) {
    open = *wished;
    sigdelset(&open.sa_mask, SIGTRAP);
  }
  const int result =
      real_.set_action(number, is_change ? &open : nullptr, before);
  if (result != 0) return result;
  if (before != nullptr && was) sigaddset(&before->sa_mask, SIGTRAP);
  if (is_change) blocks_it.store(has, std::memory_order_relaxed);
  return 0;
}

// ------------------------------------------------------------------- masks

bool TrapSignal::is_blocked() const noexcept {
  if (t_trap.blocked == Blocked::AsInherited) {
    return is_blocked_by_default_.load(std::memory_order_relaxed);
  }
  return t_trap.blocked == Blocked::Yes;
}

void TrapSignal::block(bool is_blocked) noexcept {
  t_trap.blocked = is_blocked ? Blocked::Yes : Blocked::No;
  is_blocked_by_default_.store(is_blocked, std::memory_order_relaxed);
  if (!is_blocked && t_trap.is_pending) deliver_pending();
}

// To this thread, as it was sent (rt_tgsigqueueinfo(2): to itself a thread may
// send what it likes).
void TrapSignal::deliver_pending() noexcept {
  siginfo_t info;
  std::memset(&info, 0, sizeof info);
  info.si_signo = SIGTRAP;
  info.si_code = t_trap.code;
  info.si_pid = t_trap.pid;
  info.si_uid = t_trap.uid;
  info.si_value = t_trap.value;
  t_trap.is_pending = false;
  system_call(SYS_rt_tgsigqueueinfo, system_call(SYS_getpid),
              system_call(SYS_gettid), SIGTRAP, &info);
}

// ----------------------------------------------------------------- signals

// As the kernel would: with the signal's own way of ending it.
void TrapSignal::end_program() noexcept {
  struct sigaction usual;
  std::memset(&usual, 0, sizeof usual);
  usual.sa_handler = SIG_DFL;
  real_.set_action(SIGTRAP, &usual, nullptr);
  system_call(SYS_tgkill, system_call(SYS_getpid), system_call(SYS_gettid),
              SIGTRAP);
}

void TrapSignal::pass_on(int number, siginfo_t* info, void* context) noexcept {
  const struct sigaction wished = action();
  if (is_blocked()) {
    if (is_forced(*info)) return end_program();
    if (t_trap.is_pending) return;  // signals of one number do not queue
    t_trap.code = info->si_code;
    t_trap.pid = info->si_pid;
    t_trap.uid = info->si_uid;
    t_trap.value = info->si_value;
    t_trap.is_pending = true;
    return;
  }
  if (wished.sa_handler == SIG_IGN && !is_forced(*info)) return;
  if (wished.sa_handler == SIG_IGN || wished.sa_handler == SIG_DFL) {
    return end_program();
  }
  const int flags = wished.sa_flags;
  if ((flags & static_cast<int>(SA_RESETHAND)) != 0) {
    struct sigaction usual = wished;
    usual.sa_handler = SIG_DFL;
    usual.sa_flags &= ~SA_SIGINFO;
    publish(usual);
  }
  const bool is_deferred = (flags & SA_NODEFER) == 0;
  const Blocked before = t_trap.blocked;
  if (t_trap.handlers++ == 0) t_trap.before_handlers = before;
  if (is_deferred) t_trap.blocked = Blocked::Yes;
  // One of a single argument does not look at the others.
  wished.sa_sigaction(number, info, context);
  --t_trap.handlers;
  auto* const interrupted = static_cast<ucontext_t*>(context);
  // What it has put into the mask that is about to come back.
  const bool has_blocked = sigismember(&interrupted->uc_sigmask, SIGTRAP) == 1;
  if (has_blocked) sigdelset(&interrupted->uc_sigmask, SIGTRAP);
  if (is_deferred) t_trap.blocked = before;
  if (has_blocked) t_trap.blocked = Blocked::Yes;
  if (t_trap.is_pending && !is_blocked()) deliver_pending();
}

// Out of the handlers, as a rule, with the mask of before them.  A jump inside
// of one is taken for such a one.
void TrapSignal::on_jump() noexcept {
  if (t_trap.handlers == 0) return;
  t_trap.handlers = 0;
  t_trap.blocked = t_trap.before_handlers;
  if (t_trap.is_pending && !is_blocked()) deliver_pending();
}

// -------------------------------------------------------------------- exec

void TrapSignal::before_exec() noexcept {
  if (!is_ours()) return;
  const struct sigaction& wished = action();
  if (wished.sa_handler == SIG_IGN) {
    real_.set_action(SIGTRAP, &wished, nullptr);
  }
  if (!is_blocked()) return;
  sigset_t trap;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  t_trap.is_in_exec = real_.change_mask(SIG_BLOCK, &trap, nullptr) == 0;
}

void TrapSignal::after_failed_exec() noexcept {
  if (!is_ours()) return;
  if (action().sa_handler == SIG_IGN) install();
  if (!t_trap.is_in_exec) return;
  t_trap.is_in_exec = false;
  sigset_t trap;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  real_.change_mask(SIG_UNBLOCK, &trap, nullptr);
}

}  // namespace sagemem
