// SPDX-License-Identifier: Apache-2.0
#include "scan/thread_stopper.h"

#include <dirent.h>
#include <linux/futex.h>
#include <sys/ucontext.h>

#include <cerrno>
#include <csignal>

#include "platform/careful_read.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/pages.h"
#include "scan/thread_status.h"

namespace sagemem {

namespace {

constexpr int kSignal = 33;

enum State : std::uint32_t {
  kListed = 0,  // nothing is awaited of it
  kDeaf,        // it blocks the signal, and is asked again
  kSignalled,
  kAnswering,  // its handler is at work
  kStopped,
  kReleased,
  kLate,  // it had not answered when the waiting ended
};

// An interrupted call would have gone on, and its thread with it: the process
// is gone by then, unless something holds it up.
constexpr std::int64_t kStay_ns = 10'000'000'000;

// What the kernel takes (arch/x86/include/uapi/asm/signal.h): not what libc
// calls so.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
#if defined(__x86_64__)
  void (*restorer)();
#endif
  std::uint64_t mask;
};

// Written by the one that stops, read by handlers in all other threads.
// Release and acquire: who finds the list finds it filled.
std::atomic<StoppedThread*> g_threads{nullptr};
std::atomic<std::size_t> g_count{0};
// Odd while they shall stand still, and never the same twice; a futex.
std::atomic<std::uint32_t> g_hold{0};
// A futex: changes whenever one has stopped.
std::atomic<std::uint32_t> g_answers{0};
KernelAction g_former{};

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t value,
                std::int64_t timeout_ns) noexcept {
  const timespec timeout{static_cast<time_t>(timeout_ns / 1'000'000'000),
                         static_cast<long>(timeout_ns % 1'000'000'000)};
  system_call(SYS_futex, reinterpret_cast<const void*>(&word),
              FUTEX_WAIT_PRIVATE, value, &timeout, nullptr, 0);
}

void futex_wake_all(std::atomic<std::uint32_t>& word) noexcept {
  system_call(SYS_futex, reinterpret_cast<void*>(&word), FUTEX_WAKE_PRIVATE,
              INT32_MAX, nullptr, nullptr, 0);
}

std::uint64_t read_thread_pointer() noexcept {
  // No thread-local variable: the thread may have none that are ours.
#if defined(__x86_64__)
  constexpr int kGetFs = 0x1003;  // ARCH_GET_FS, arch_prctl(2)
  std::uint64_t fs = 0;
  return system_call(SYS_arch_prctl, kGetFs, &fs) == 0 ? fs : 0;
#else
  std::uint64_t pointer = 0;
  asm("mrs %0, tpidr_el0" : "=r"(pointer));
  return pointer;
#endif
}

#if defined(__x86_64__)
void read_context(const ucontext_t& context, StoppedThread& out) noexcept {
  // r8 to rsp: what may hold a value.  rip, flags and the like do not.
  for (int i = REG_R8; i <= REG_RSP; ++i) {
    out.registers[i] = static_cast<std::uint64_t>(context.uc_mcontext.gregs[i]);
  }
  out.stack_pointer =
      static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RSP]);
}

// Returns from a signal handler: what the kernel wants to be told.
__attribute__((naked, noinline)) void restore() noexcept {
  asm volatile("mov $15, %eax\n\tsyscall");  // rt_sigreturn
}
constexpr unsigned long kFlags =
    SA_SIGINFO | SA_RESTART | SA_ONSTACK | 0x04000000;  // SA_RESTORER

bool is_interrupted_call(const ucontext_t& context) noexcept {
  constexpr std::uint16_t kSyscall = 0x050f;
  std::uint16_t before = 0;
  const auto* const registers = context.uc_mcontext.gregs;
  return registers[REG_RAX] == -EINTR &&
         read_carefully(static_cast<std::uint64_t>(registers[REG_RIP]) - 2,
                        before) &&
         before == kSyscall;
}
#else
void read_context(const ucontext_t& context, StoppedThread& out) noexcept {
  for (int i = 0; i < 31; ++i) out.registers[i] = context.uc_mcontext.regs[i];
  out.stack_pointer = context.uc_mcontext.sp;
}
constexpr unsigned long kFlags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;

bool is_interrupted_call(const ucontext_t& context) noexcept {
  constexpr std::uint32_t kSvc = 0xd4000001;
  std::uint32_t before = 0;
  return static_cast<long>(context.uc_mcontext.regs[0]) == -EINTR &&
         read_carefully(context.uc_mcontext.pc - 4, before) && before == kSvc;
}
#endif

StoppedThread* find_thread(std::int32_t tid) noexcept {
  StoppedThread* const threads = g_threads.load(std::memory_order_acquire);
  const std::size_t count = g_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    if (threads[i].tid == tid) return threads + i;
  }
  return nullptr;
}

// The one that stops is waited for no longer than this: it may be gone.
void wait_for_release(std::uint32_t hold) noexcept {
  constexpr std::int64_t kLook_ns = 1'000'000'000;
  constexpr int kMaxLooks = 120;
  for (int i = 0; i < kMaxLooks && hold % 2 != 0; ++i) {
    if (g_hold.load(std::memory_order_acquire) != hold) break;
    futex_wait(g_hold, hold, kLook_ns);
  }
}

void stay() noexcept {
  const std::int64_t end_ns = read_clock_ns(CLOCK_MONOTONIC) + kStay_ns;
  const timespec end{static_cast<time_t>(end_ns / 1'000'000'000),
                     static_cast<long>(end_ns % 1'000'000'000)};
  system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &end,
              nullptr);
}

void answer(StoppedThread& thread, const ucontext_t& context) noexcept {
  const std::uint32_t hold = g_hold.load(std::memory_order_acquire);
  read_context(context, thread);
  thread.thread_pointer = read_thread_pointer();
  // Release: who sees the state sees the registers.
  thread.state.store(kStopped, std::memory_order_release);
  g_answers.fetch_add(1, std::memory_order_release);
  futex_wake_all(g_answers);
  wait_for_release(hold);
  thread.state.store(kReleased, std::memory_order_release);
}

// In any thread, at any instruction of it; no thread-local variables.
void on_stop(int number, siginfo_t* info, void* context) noexcept {
  const auto& where = *static_cast<const ucontext_t*>(context);
  StoppedThread* const thread =
      find_thread(static_cast<std::int32_t>(system_call(SYS_gettid)));
  std::uint32_t state = kSignalled;
  if (thread != nullptr &&
      thread->state.compare_exchange_strong(state, kAnswering)) {
    answer(*thread, where);
  } else if (thread != nullptr && state == kLate) {
    // One signal was ours; all others are the C library's again.
    thread->state.store(kListed, std::memory_order_relaxed);
  } else {
    const auto former = g_former.handler;
    if (info->si_code == SI_TKILL &&
        reinterpret_cast<std::uintptr_t>(former) > 1) {
      former(number, info, context);
    }
    return;
  }
  if (is_interrupted_call(where)) stay();
}

}  // namespace

bool ThreadStopper::install() noexcept {
  if (is_installed_) return true;
  KernelAction action{};
  action.handler = &on_stop;
  action.flags = kFlags;
#if defined(__x86_64__)
  action.restorer = &restore;
#endif
  action.mask = ~std::uint64_t{0};
  KernelAction former{};
  is_installed_ = !is_error(system_call(SYS_rt_sigaction, kSignal, &action,
                                        &former, sizeof action.mask));
  // It may have stayed since an earlier time, or in a fork child.
  if (is_installed_ && former.handler != &on_stop) g_former = former;
  return is_installed_;
}

bool ThreadStopper::add(std::int32_t tid) noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (threads_[i].tid == tid) return false;
  }
  if (count_ == kMaxThreads) return false;
  StoppedThread& thread = threads_[count_];
  thread.tid = tid;
  thread.how = trace::ThreadStop::Missed;
  ++count_;
  g_count.store(count_, std::memory_order_release);
  signal(thread);
  return true;
}

void ThreadStopper::signal(StoppedThread& thread) noexcept {
  const Answer answer = ask(thread.tid, kSignal, restrictions_, scratch_->text);
  thread.state.store(answer == Answer::IsDeaf ? kDeaf : kListed,
                     std::memory_order_release);
  if (answer == Answer::IsGone) thread.how = trace::ThreadStop::Gone;
  if (answer != Answer::Will || !install()) return;
  thread.state.store(kSignalled, std::memory_order_release);
  const long sent = system_call(SYS_tgkill, pid_, thread.tid, kSignal);
  if (!is_error(sent)) return;
  thread.state.store(kListed, std::memory_order_release);
  if (sent == -ESRCH && is_gone(thread)) thread.how = trace::ThreadStop::Gone;
}

bool ThreadStopper::is_gone(const StoppedThread& thread) noexcept {
  return ask(thread.tid, kSignal, restrictions_, scratch_->text) ==
         Answer::IsGone;
}

// Signals all threads that are not known yet.
bool ThreadStopper::list_new(std::size_t& added) noexcept {
  const long fd = open_file("/proc/self/task", O_RDONLY | O_DIRECTORY);
  if (is_error(fd)) return false;
  added = 0;
  // Else /proc is of another PID namespace, and has other numbers.
  bool has_own = false;
  char(&buffer)[4096] = scratch_->entries;
  for (;;) {
    const long got = system_call(SYS_getdents64, fd, buffer, sizeof buffer);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      // dirent64 is what getdents64(2) fills in.
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      std::int32_t tid = 0;
      for (const char* p = entry->d_name; *p >= '0' && *p <= '9'; ++p) {
        tid = tid * 10 + (*p - '0');
      }
      if (tid == own_tid_) {
        has_own = true;
      } else if (tid != 0 && add(tid)) {
        ++added;
      }
    }
  }
  close_file(fd);
  return has_own;
}

// It may still answer.
bool ThreadStopper::is_awaited(StoppedThread& thread, bool hears) noexcept {
  std::uint32_t state = thread.state.load(std::memory_order_acquire);
  if (state == kDeaf && hears) {
    signal(thread);
    state = thread.state.load(std::memory_order_acquire);
  }
  if (state == kDeaf) return hears;
  if (state != kSignalled && state != kAnswering) return false;
  // It may have ended instead.  The first one stays, and takes signals.
  const bool is_there =
      thread.tid == pid_
          ? !is_gone(thread)
          : system_call(SYS_tgkill, pid_, thread.tid, 0) != -ESRCH;
  if (is_there) return true;
  thread.state.store(kListed, std::memory_order_release);
  thread.how = trace::ThreadStop::Gone;
  return false;
}

void ThreadStopper::wait(std::int64_t deadline_ns,
                         std::int64_t deaf_ns) noexcept {
  constexpr std::int64_t kLook_ns = 5'000'000;
  const std::int64_t start = read_clock_ns(CLOCK_MONOTONIC);
  for (;;) {
    const std::uint32_t answers = g_answers.load(std::memory_order_acquire);
    const std::int64_t now = read_clock_ns(CLOCK_MONOTONIC);
    bool is_waiting = false;
    for (std::size_t i = 0; i < count_; ++i) {
      is_waiting |= is_awaited(threads_[i], now - start < deaf_ns);
    }
    const std::int64_t left = deadline_ns - now;
    if (!is_waiting || left <= 0) return;
    futex_wait(g_answers, answers, left < kLook_ns ? left : kLook_ns);
  }
}

// Who has not answered by now is missed, whatever it does later.
void ThreadStopper::settle(bool has_all) noexcept {
  missed_ = has_all ? 0 : 1;
  for (std::size_t i = 0; i < count_; ++i) {
    StoppedThread& thread = threads_[i];
    std::uint32_t state = kSignalled;
    while (!thread.state.compare_exchange_strong(state, kLate) &&
           state == kAnswering) {
      state = kSignalled;
      system_call(SYS_sched_yield);
    }
    if (state == kStopped) thread.how = trace::ThreadStop::Stopped;
    if (thread.how == trace::ThreadStop::Missed) ++missed_;
  }
}

bool ThreadStopper::stop(std::int64_t deadline_ns,
                         std::int64_t deaf_ns) noexcept {
  pid_ = static_cast<std::int32_t>(system_call(SYS_getpid));
  own_tid_ = static_cast<std::int32_t>(system_call(SYS_gettid));
  auto* const pages = static_cast<char*>(take_pages(kBytes));
  if (pages == nullptr) return false;
  scratch_ = reinterpret_cast<Scratch*>(pages);
  threads_ = reinterpret_cast<StoppedThread*>(pages + sizeof(Scratch));
  restrictions_ = restrictions_of(own_tid_, scratch_->text);
  g_threads.store(threads_, std::memory_order_release);
  // Odd already in a fork child, where nobody has released.
  g_hold.store((g_hold.load(std::memory_order_relaxed) + 1) | 1,
               std::memory_order_release);
  // Those that ran may have made others in the meantime.
  std::size_t added = 0;
  bool is_late = false;
  do {
    is_late = read_clock_ns(CLOCK_MONOTONIC) >= deadline_ns;
    if (!list_new(added)) return false;
    if (added != 0) wait(deadline_ns, deaf_ns);
  } while (added != 0 && !is_late);
  settle(added == 0 && count_ != kMaxThreads);
  return true;
}

void ThreadStopper::release() noexcept {
  if (threads_ == nullptr) return;
  g_hold.fetch_add(1, std::memory_order_release);
  futex_wake_all(g_hold);
  // The list stays: a handler may still look at it.  So does the handler,
  // unless every signal has been answered.
  if (!is_installed_ || missed_ != 0) return;
  system_call(SYS_rt_sigaction, kSignal, &g_former, nullptr,
              sizeof g_former.mask);
}

std::uint64_t ThreadStopper::own_thread_pointer() noexcept {
  return read_thread_pointer();
}

}  // namespace sagemem
