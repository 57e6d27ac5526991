// SPDX-License-Identifier: Apache-2.0
//
// Ends beside threads that must not notice that anything stops them, and with
// signals that come at any moment.  The C library's last act is slow, so that
// what other threads do after a leak scan has time to happen: a stream waits
// while it is flushed.
//
// usage: scan_ends CALL|storm|busy|sandboxed return|_exit|quick_exit
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <atomic>

#include "support.h"

namespace {

std::atomic<int> g_tid{0};

// ------------------------------------------------------------- waiting threads

bool is_asleep(int tid) {
  char path[64];
  char text[512];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
  FILE* const file = fopen(path, "r");
  REQUIRE(file != nullptr);
  const size_t bytes = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[bytes] = '\0';
  const char* const state = strrchr(text, ')');
  return state != nullptr && state[2] == 'S';
}

void begin_waiting() {
  g_tid = static_cast<int>(syscall(SYS_gettid));
}

// A call that signals interrupt and nothing restarts: signal(7).
struct {
  const char* name;
  void (*wait)();
} const kCalls[] = {
    {"poll", [] { poll(nullptr, 0, -1); }},
    {"pause", [] { pause(); }},
    {"select", [] { select(0, nullptr, nullptr, nullptr, nullptr); }},
    {"sleep", [] { sleep(1000); }},
    {"sigsuspend",
     [] {
       sigset_t none;
       sigemptyset(&none);
       sigsuspend(&none);
     }},
    {"epoll_wait",
     [] {
       epoll_event event;
       epoll_wait(epoll_create1(0), &event, 1, -1);
     }},
};

template <typename Body>
void start(Body body, void* argument) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, nullptr, body, argument) == 0);
}

bool begin_call(const char* name) {
  for (const auto& call : kCalls) {
    if (strcmp(call.name, name) != 0) continue;
    start(
        +[](void* wait) -> void* {
          begin_waiting();
          reinterpret_cast<void (*)()>(wait)();
          say("the call has returned\n");
          abort();
        },
        reinterpret_cast<void*>(call.wait));
    while (g_tid == 0 || !is_asleep(g_tid)) sched_yield();
    return true;
  }
  return false;
}

// --------------------------------------------------------------------- signals

pthread_spinlock_t g_lock;
std::atomic<unsigned> g_signals{0};

// Holds what the handler waits for, nearly all the time.
void* hold_lock(void*) {
  for (;;) {
    pthread_spin_lock(&g_lock);
    for (int i = 0; i < 1000; ++i) keep(nullptr);
    pthread_spin_unlock(&g_lock);
    for (int i = 0; i < 100; ++i) keep(nullptr);
  }
}

void take_lock(int) {
  pthread_spin_lock(&g_lock);
  pthread_spin_unlock(&g_lock);
  ++g_signals;
}

// All of them go to the first thread, until the very end of the process.
void begin_storm() {
  REQUIRE(pthread_spin_init(&g_lock, PTHREAD_PROCESS_PRIVATE) == 0);
  const pid_t parent = getpid();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    while (getppid() == parent && kill(parent, SIGUSR1) == 0) usleep(50);
    syscall(SYS_exit_group, 0);
  }
}

void storm() {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  REQUIRE(pthread_sigmask(SIG_BLOCK, &one, nullptr) == 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = take_lock;
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGUSR1, &action, nullptr) == 0);
  begin_storm();
  start(hold_lock, nullptr);
  REQUIRE(pthread_sigmask(SIG_UNBLOCK, &one, nullptr) == 0);
  while (g_signals < 100) sched_yield();
}

// ---------------------------------------------------------------- busy threads

constexpr int kBusy = 2;
constexpr size_t kSlots = 1 << 18;
void* volatile g_slots[kBusy][kSlots];
std::atomic<size_t> g_made[kBusy];

// Loses nothing.
void* make_blocks(void* number) {
  const auto index = reinterpret_cast<uintptr_t>(number);
  for (size_t i = 0; i < kSlots; ++i) {
    g_slots[index][i] = keep(malloc(16));
    ++g_made[index];
  }
  for (;;) pause();
}

void busy() {
  for (uintptr_t i = 0; i < kBusy; ++i) {
    start(make_blocks, reinterpret_cast<void*>(i));
  }
  for (const auto& made : g_made) {
    while (made < 1000) sched_yield();
  }
}

// ------------------------------------------------------------------ a sandbox

// Of this thread alone: it may not ask who it is.
void* confine_itself(void*) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_gettid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof filter / sizeof *filter, filter};
  const int tid = static_cast<int>(syscall(SYS_gettid));
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
  g_tid = tid;
  for (;;) pause();
}

void sandboxed() {
  start(confine_itself, nullptr);
  while (g_tid == 0) sched_yield();
}

// ----------------------------------------------------------------- a slow end

ssize_t flush_slowly(void*, const char*, size_t bytes) {
  size_t before[kBusy];
  for (int i = 0; i < kBusy; ++i) before[i] = g_made[i];
  const timespec moment = {0, 300'000'000};
  timespec rest = moment;
  while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
  // As much as there is still room for.
  for (int i = 0; i < kBusy; ++i) {
    while (before[i] != 0 && g_made[i] < kSlots &&
           g_made[i] < before[i] + 1000) {
      sched_yield();
    }
  }
  return static_cast<ssize_t>(bytes);
}

void prepare_slow_end() {
  const cookie_io_functions_t functions = {nullptr, flush_slowly, nullptr,
                                           nullptr};
  FILE* const file = fopencookie(nullptr, "w", functions);
  REQUIRE(file != nullptr);
  REQUIRE(fputs("left to exit()", file) >= 0);
}

}  // namespace

int main(int count, char** arguments) {
  REQUIRE(count == 3);
  const char* const what = arguments[1];
  const char* const how = arguments[2];
  prepare_slow_end();
  if (strcmp(what, "storm") == 0) {
    storm();
  } else if (strcmp(what, "busy") == 0) {
    busy();
  } else if (strcmp(what, "sandboxed") == 0) {
    sandboxed();
  } else {
    REQUIRE(begin_call(what));
  }
  if (strcmp(how, "_exit") == 0) _exit(4);
  if (strcmp(how, "quick_exit") == 0) quick_exit(8);
  REQUIRE(strcmp(how, "return") == 0);
  return 2;
}
