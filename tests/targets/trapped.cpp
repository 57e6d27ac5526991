// SPDX-License-Identifier: Apache-2.0
//
// Functions that nothing but a breakpoint fits into, and a program that has
// ideas of its own about SIGTRAP.  What it prints does not depend on how the
// functions are seen.
//
// usage: trapped count|threads|fork|handlers|masks|jump|ignored|blocked|
//                raised|int3|blocked_int3
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "support.h"

extern "C" {
void tiny(int number);       // one byte, a return, no padding anywhere
int tiny_sum(int a, int b);  // four bytes
}

__asm__(
    ".pushsection .text\n"
    ".globl tiny\n"
    ".type tiny, @function\n"
    "tiny: .cfi_startproc\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size tiny, . - tiny\n"
    ".globl tiny_sum\n"
    ".type tiny_sum, @function\n"
    "tiny_sum: .cfi_startproc\n"
    "leal (%rdi,%rsi), %eax\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size tiny_sum, . - tiny_sum\n"
    ".globl behind_tiny\n"
    ".type behind_tiny, @function\n"
    "behind_tiny: .cfi_startproc\n"
    ".skip 160, 0x90\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size behind_tiny, . - behind_tiny\n"
    ".popsection\n");

static volatile sig_atomic_t g_traps;
static volatile int g_code;
static volatile int g_value;
static sigjmp_buf g_back;

static void on_trap(int number, siginfo_t* info, void* context) {
  REQUIRE(number == SIGTRAP && context != nullptr);
  g_traps = g_traps + 1;
  g_code = info->si_code;
  g_value = info->si_value.sival_int;
  tiny(-1);  // not deferred in its own handler
}

static void on_trap_plainly(int number) {
  REQUIRE(number == SIGTRAP);
  g_traps = g_traps + 1;
}

static void on_other(int number) {
  REQUIRE(tiny_sum(number, 1) == number + 1);
}

static void jump_out(int) {
  g_traps = g_traps + 1;
  siglongjmp(g_back, 1);
}

static void handle(int number, void (*handler)(int, siginfo_t*, void*),
                   int flags) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  REQUIRE(sigaction(number, &action, nullptr) == 0);
}

static bool is_blocked() {
  sigset_t now;
  REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &now) == 0);
  return sigismember(&now, SIGTRAP) == 1;
}

static void count() {
  for (int i = 0; i < 100000; ++i) {
    tiny(i);
    if (i % 1000 == 0) std::free(keep(std::malloc(24)));
  }
  REQUIRE(tiny_sum(2, 3) == 5);
}

static void* in_thread(void* argument) {
  const bool blocks = argument != nullptr;
  if (blocks) {
    sigset_t all;
    sigfillset(&all);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
    REQUIRE(is_blocked());
  }
  for (int i = 0; i < 2000; ++i) {
    REQUIRE(tiny_sum(i, i) == 2 * i);
    std::free(keep(std::malloc(40)));
  }
  return nullptr;
}

static void threads() {
  pthread_t all[4];
  for (long i = 0; i < 4; ++i) {
    REQUIRE(pthread_create(&all[i], nullptr, in_thread,
                           i % 2 == 0 ? nullptr : &g_back) == 0);
  }
  for (pthread_t one : all) REQUIRE(pthread_join(one, nullptr) == 0);
}

static void forks() {
  for (int i = 0; i < 10; ++i) tiny(i);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::free(keep(std::malloc(24)));
    for (int i = 0; i < 30; ++i) tiny(i);
    _exit(7);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
  for (int i = 0; i < 10; ++i) tiny(i);
}

static void handlers() {
  struct sigaction before = {};
  REQUIRE(sigaction(SIGTRAP, nullptr, &before) == 0);
  REQUIRE(before.sa_handler == SIG_DFL);
  handle(SIGTRAP, on_trap, SA_RESTART);
  tiny(1);
  REQUIRE(raise(SIGTRAP) == 0 && g_traps == 1 && g_code == SI_TKILL);
  __asm__ volatile("int3");
  REQUIRE(g_traps == 2 && g_code > 0);
  sigval value;
  value.sival_int = 4711;
  REQUIRE(sigqueue(getpid(), SIGTRAP, value) == 0);
  REQUIRE(g_traps == 3 && g_value == 4711 && g_code == SI_QUEUE);
  REQUIRE(sigaction(SIGTRAP, nullptr, &before) == 0);
  REQUIRE(before.sa_sigaction == on_trap);
  // And how to return from a handler, which is the C library's to add.
  constexpr int kRestorer = 0x04000000;
  REQUIRE(before.sa_flags == (SA_SIGINFO | SA_RESTART | kRestorer));
  handle(SIGTRAP, on_trap, static_cast<int>(SA_RESETHAND));
  REQUIRE(raise(SIGTRAP) == 0 && g_traps == 4);
  REQUIRE(signal(SIGTRAP, on_trap_plainly) == SIG_DFL);
  tiny(2);
  REQUIRE(raise(SIGTRAP) == 0 && g_traps == 5);
  REQUIRE(signal(SIGTRAP, SIG_IGN) == on_trap_plainly);
  REQUIRE(raise(SIGTRAP) == 0 && g_traps == 5);
  tiny(3);
}

static void masks() {
  handle(SIGTRAP, on_trap, 0);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  REQUIRE(!is_blocked());
  REQUIRE(sigprocmask(SIG_BLOCK, &all, &before) == 0);
  REQUIRE(sigismember(&before, SIGTRAP) == 0 && is_blocked());
  tiny(1);
  sigval value;
  value.sival_int = 12;
  REQUIRE(sigqueue(getpid(), SIGTRAP, value) == 0 && g_traps == 0);
  tiny(2);
  REQUIRE(sigprocmask(SIG_SETMASK, &before, &all) == 0);
  REQUIRE(sigismember(&all, SIGTRAP) == 1 && !is_blocked());
  REQUIRE(g_traps == 1 && g_value == 12);
  struct sigaction other = {};
  other.sa_handler = on_other;
  sigfillset(&other.sa_mask);
  REQUIRE(sigaction(SIGUSR1, &other, nullptr) == 0);
  REQUIRE(raise(SIGUSR1) == 0);
  struct sigaction said = {};
  REQUIRE(sigaction(SIGUSR1, nullptr, &said) == 0);
  REQUIRE(sigismember(&said.sa_mask, SIGTRAP) == 1);
  REQUIRE(sigismember(&said.sa_mask, SIGUSR2) == 1);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  REQUIRE(sigprocmask(SIG_BLOCK, &one, nullptr) == 0);
  REQUIRE(raise(SIGUSR1) == 0);
  sigfillset(&all);
  sigdelset(&all, SIGUSR1);
  REQUIRE(sigsuspend(&all) == -1);
  REQUIRE(!is_blocked());
  tiny(3);
}

static void jump() {
  REQUIRE(signal(SIGTRAP, jump_out) == SIG_DFL);
  for (int i = 0; i < 3; ++i) {
    if (sigsetjmp(g_back, 1) == 0) raise(SIGTRAP);
    tiny(i);
    REQUIRE(!is_blocked());
  }
  REQUIRE(g_traps == 3);
}

// What the next image inherits.
static void next_image(const char* program, const char* way) {
  if (std::string_view(way) == "ignored") {
    REQUIRE(signal(SIGTRAP, SIG_IGN) == SIG_DFL);
  } else {
    sigset_t trap;
    sigemptyset(&trap);
    sigaddset(&trap, SIGTRAP);
    REQUIRE(sigprocmask(SIG_BLOCK, &trap, nullptr) == 0);
  }
  execl("no such program", "x", nullptr);
  tiny(1);
  execl(program, program, "inherited", nullptr);
  REQUIRE(false);
}

static void inherited() {
  struct sigaction action = {};
  REQUIRE(sigaction(SIGTRAP, nullptr, &action) == 0);
  std::printf("ignored %d blocked %d\n", action.sa_handler == SIG_IGN ? 1 : 0,
              is_blocked() ? 1 : 0);
  tiny(1);
}

int main(int, char** arguments) {
  const std::string_view way = arguments[1];
  if (way == "count") count();
  if (way == "threads") threads();
  if (way == "fork") forks();
  if (way == "handlers") handlers();
  if (way == "masks") masks();
  if (way == "jump") jump();
  if (way == "ignored" || way == "blocked")
    next_image(arguments[0], way.data());
  if (way == "inherited") inherited();
  tiny(0);
  std::printf("%s=1\n", arguments[1]);
  std::fflush(stdout);
  if (way == "raised") raise(SIGTRAP);
  if (way == "blocked_int3") {
    handle(SIGTRAP, on_trap, 0);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
  }
  if (way == "int3" || way == "blocked_int3") __asm__ volatile("int3");
  return 0;
}
