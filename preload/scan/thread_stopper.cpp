// SPDX-License-Identifier: Apache-2.0
#include "scan/thread_stopper.h"

#include <dirent.h>
#include <linux/futex.h>
#include <sys/auxv.h>
#include <sys/ucontext.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "platform/clock.h"
#include "platform/file.h"
#include "platform/pages.h"
#include "platform/text_buffer.h"

namespace sagemem {

namespace {

constexpr int kSignal = 33;
constexpr std::uint64_t kSignalBit = std::uint64_t{1} << (kSignal - 1);

enum State : std::uint32_t {
  kListed = 0,
  kSignalled = 1,
  kStopped = 2,
  kReleased = 3,
  kAnswering = 4,
};

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
// 1 while they shall stand still; a futex.
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
#else
void read_context(const ucontext_t& context, StoppedThread& out) noexcept {
  for (int i = 0; i < 31; ++i) out.registers[i] = context.uc_mcontext.regs[i];
  out.stack_pointer = context.uc_mcontext.sp;
}
constexpr unsigned long kFlags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
#endif

StoppedThread* find_thread(std::int32_t tid) noexcept {
  StoppedThread* const threads = g_threads.load(std::memory_order_acquire);
  const std::size_t count = g_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    if (threads[i].tid == tid) return threads + i;
  }
  return nullptr;
}

// In any thread, at any instruction of it; no thread-local variables.
void on_stop(int number, siginfo_t* info, void* context) noexcept {
  const auto tid = static_cast<std::int32_t>(system_call(SYS_gettid));
  StoppedThread* const thread = find_thread(tid);
  std::uint32_t expected = kSignalled;
  if (thread == nullptr || g_hold.load(std::memory_order_acquire) == 0 ||
      !thread->state.compare_exchange_strong(expected, kAnswering)) {
    // Too late, or not ours.
    const bool is_ours = thread != nullptr && expected == kSignalled;
    const auto former = g_former.handler;
    if (!is_ours && info->si_code == SI_TKILL &&
        reinterpret_cast<std::uintptr_t>(former) > 1) {
      former(number, info, context);
    }
    return;
  }
  read_context(*static_cast<const ucontext_t*>(context), *thread);
  thread->thread_pointer = read_thread_pointer();
  thread->how = trace::ThreadStop::Stopped;
  // Release: who sees the state sees the registers.
  thread->state.store(kStopped, std::memory_order_release);
  g_answers.fetch_add(1, std::memory_order_release);
  futex_wake_all(g_answers);
  // Time limits only in case that the one that stops us is gone.
  constexpr std::int64_t kLook_ns = 1'000'000'000;
  constexpr int kMaxLooks = 120;
  for (int i = 0; i < kMaxLooks; ++i) {
    if (g_hold.load(std::memory_order_acquire) == 0) break;
    futex_wait(g_hold, 1, kLook_ns);
  }
  thread->state.store(kReleased, std::memory_order_release);
}

// The word behind `name` in /proc/self/task/TID/status.
bool find_word(const char* text, const char* name, const char*& word) noexcept {
  const char* const found = std::strstr(text, name);
  if (found == nullptr) return false;
  word = found + std::strlen(name);
  while (*word == '\t' || *word == ' ') ++word;
  return true;
}

std::uint64_t parse_hex(const char* text) noexcept {
  std::uint64_t value = 0;
  for (;; ++text) {
    if (*text >= '0' && *text <= '9') {
      value = value * 16 + static_cast<std::uint64_t>(*text - '0');
    } else if (*text >= 'a' && *text <= 'f') {
      value = value * 16 + static_cast<std::uint64_t>(*text - 'a' + 10);
    } else {
      return value;
    }
  }
}

using PathOfThread = TextBuffer<64>;

std::size_t read_of_thread(std::int32_t tid, const char* name, char* out,
                           std::size_t capacity) noexcept {
  PathOfThread path;
  path.add("/proc/self/task/").add_number(tid).add('/').add(name);
  const std::size_t size = read_file(path.c_str(), out, capacity - 1);
  out[size] = '\0';
  return size;
}

enum class Answer { Will, WillNot, IsGone };

// `text`: room for a file.
Answer ask(std::int32_t tid, char (&text)[4096]) noexcept {
  if (read_of_thread(tid, "status", text, sizeof text) == 0) {
    return Answer::IsGone;
  }
  const char* word = nullptr;
  if (find_word(text, "State:", word) && (*word == 'Z' || *word == 'X')) {
    return Answer::IsGone;
  }
  if (find_word(text, "SigBlk:", word) && (parse_hex(word) & kSignalBit) != 0) {
    return Answer::WillNot;
  }
  return Answer::Will;
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
  is_installed_ = !is_error(system_call(SYS_rt_sigaction, kSignal, &action,
                                        &g_former, sizeof action.mask));
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
  const Answer answer = ask(thread.tid, scratch_->text);
  if (answer == Answer::IsGone) thread.how = trace::ThreadStop::Gone;
  if (answer != Answer::Will || !install()) return;
  thread.state.store(kSignalled, std::memory_order_release);
  const long sent = system_call(SYS_tgkill, pid_, thread.tid, kSignal);
  if (!is_error(sent)) return;
  thread.state.store(kListed, std::memory_order_release);
  if (sent == -ESRCH) thread.how = trace::ThreadStop::Gone;
}

// Signals all threads that are not known yet.
bool ThreadStopper::list_new(std::size_t& added) noexcept {
  const long fd = open_file("/proc/self/task", O_RDONLY | O_DIRECTORY);
  if (is_error(fd)) return false;
  added = 0;
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
      if (tid != 0 && tid != own_tid_ && add(tid)) ++added;
    }
  }
  close_file(fd);
  return true;
}

void ThreadStopper::wait(std::int64_t deadline_ns) noexcept {
  for (;;) {
    const std::uint32_t answers = g_answers.load(std::memory_order_acquire);
    bool is_waiting = false;
    for (std::size_t i = 0; i < count_; ++i) {
      StoppedThread& thread = threads_[i];
      const std::uint32_t state = thread.state.load(std::memory_order_acquire);
      if (state == kListed || state == kStopped) continue;
      // It may have ended instead.
      if (system_call(SYS_tgkill, pid_, thread.tid, 0) == -ESRCH) {
        thread.how = trace::ThreadStop::Gone;
        thread.state.store(kListed, std::memory_order_release);
        continue;
      }
      is_waiting = true;
    }
    const std::int64_t left = deadline_ns - read_clock_ns(CLOCK_MONOTONIC);
    if (!is_waiting || left <= 0) return;
    constexpr std::int64_t kLook_ns = 20'000'000;
    futex_wait(g_answers, answers, left < kLook_ns ? left : kLook_ns);
  }
}

bool ThreadStopper::stop(std::int64_t deadline_ns) noexcept {
  pid_ = static_cast<std::int32_t>(system_call(SYS_getpid));
  own_tid_ = static_cast<std::int32_t>(system_call(SYS_gettid));
  auto* const pages = static_cast<char*>(take_pages(kBytes));
  if (pages == nullptr) return false;
  scratch_ = reinterpret_cast<Scratch*>(pages);
  threads_ = reinterpret_cast<StoppedThread*>(pages + sizeof(Scratch));
  g_threads.store(threads_, std::memory_order_release);
  g_hold.store(1, std::memory_order_release);
  // Those that ran may have made others in the meantime.
  std::size_t added = 0;
  do {
    if (!list_new(added)) return false;
    if (added != 0) wait(deadline_ns);
  } while (added != 0 && read_clock_ns(CLOCK_MONOTONIC) < deadline_ns);
  return true;
}

void ThreadStopper::release() noexcept {
  if (threads_ == nullptr) return;
  g_hold.store(0, std::memory_order_release);
  futex_wake_all(g_hold);
  // The list stays: a handler may still look at it.  So does the handler,
  // unless every signal has been answered.
  if (!is_installed_ || missed() != 0) return;
  system_call(SYS_rt_sigaction, kSignal, &g_former, nullptr,
              sizeof g_former.mask);
}

std::uint64_t ThreadStopper::own_thread_pointer() noexcept {
  return read_thread_pointer();
}

std::size_t ThreadStopper::missed() const noexcept {
  std::size_t count = 0;
  for (const StoppedThread& thread : *this) {
    if (thread.how == trace::ThreadStop::Missed) ++count;
  }
  return count;
}

}  // namespace sagemem
