// SPDX-License-Identifier: Apache-2.0
//
// What the programs of generate_program.py share: ways to leave a function, to
// be interrupted and to change stacks, and the threads that run it all.  The
// truth about the stacks is noted as truth.h says.
//
// Hazard: everything ends when g_budget is used up, so each function asks
// may_go_on() before it calls another.
#pragma once

#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>

#include <stdexcept>

#include "truth.h"

enum { kCoroutines = 3, kThreads = 3 };

using Function = void (*)(int depth);

void run_program(int depth);  // generated: the outermost function

struct Coroutine {
  ucontext_t context;
  ucontext_t caller;
  Shadow shadow;
  Function function;
  int depth;
  alignas(16) char stack[128 * 1024];
};

// What a thread has of its own.
struct Runner {
  unsigned random;
  int budget;
  sigjmp_buf* landing;  // where leap() goes; null: nowhere
  Function handler;     // what the next trap calls
  unsigned running;     // coroutines in use
  unsigned handling;    // signals
  Coroutine coroutines[kCoroutines];
  Shadow shadow;
  char signal_stack[256 * 1024];
};
static Runner g_runners[1 + kThreads];
static thread_local Runner* t_runner;

static inline unsigned choose(unsigned count) {
  return next_random(&t_runner->random) % count;
}

static inline bool may_go_on(int depth) {
  return depth > 0 && --t_runner->budget > 0;
}

// -------------------------------------------------------------------- leaving

[[maybe_unused]] static void rise() {
  throw std::runtime_error("up");
}

[[maybe_unused]] static NOINLINE void call_and_catch(Function function,
                                                     int depth) {
  ENTER;
  const unsigned before = shadow_now()->depth;
  sigjmp_buf* const landing = t_runner->landing;
  t_runner->landing = nullptr;  // no jump over a handler of exceptions
  try {
    function(depth);
    if (choose(3) == 0) rise();
  } catch (const std::runtime_error&) {
    shadow_now()->depth = before;
    allocate_truly();
  }
  t_runner->landing = landing;
  LEAVE;
}

[[maybe_unused]] static void leap() {
  if (t_runner->landing != nullptr) siglongjmp(*t_runner->landing, 1);
}

[[maybe_unused]] static NOINLINE void call_and_land(Function function,
                                                    int depth) {
  ENTER;
  const unsigned before = shadow_now()->depth;
  sigjmp_buf* const outer = t_runner->landing;
  sigjmp_buf landing;
  if (sigsetjmp(landing, 0) == 0) {
    t_runner->landing = &landing;
    function(depth);
  }
  t_runner->landing = outer;
  shadow_now()->depth = before;
  allocate_truly();
  LEAVE;
}

// Its caller's caller is the callee's caller.
__attribute__((noinline, noclone, optimize("optimize-sibling-calls"),
               unused)) static void
jump_to(Function function, int depth) {
  ENTER;
  allocate_truly();
  keep(nullptr);
  shadow_pop(1);
  function(depth);
}

// -------------------------------------------------------------- interruptions

static void on_trap(int, siginfo_t*, void* context) {
  const auto* interrupted = static_cast<ucontext_t*>(context);
  shadow_push(
      static_cast<std::uint64_t>(interrupted->uc_mcontext.gregs[REG_RIP]));
  ENTER;
  sigjmp_buf* const landing = t_runner->landing;
  const unsigned before = shadow_now()->depth;
  t_runner->landing = nullptr;
  ++t_runner->handling;
  try {
    allocate_truly();
    t_runner->handler(3);
  } catch (const std::runtime_error&) {
    shadow_now()->depth = before;
  }
  --t_runner->handling;
  t_runner->landing = landing;
  keep(nullptr);
  shadow_pop(2);
}

static void catch_traps(bool on_own_stack) {
  struct sigaction action = {};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | (on_own_stack ? SA_ONSTACK : 0);
  REQUIRE(sigaction(SIGTRAP, &action, nullptr) == 0);
}

static void give_signal_stack() {
  stack_t stack = {};
  stack.ss_sp = t_runner->signal_stack;
  stack.ss_size = sizeof t_runner->signal_stack;
  REQUIRE(sigaltstack(&stack, nullptr) == 0);
}

// A signal stack is of limited size.
#define TRAP(function)                         \
  do {                                         \
    if (t_runner->handling < 3) {              \
      t_runner->handler = function;            \
      __asm__ volatile("int3" : : : "memory"); \
    }                                          \
  } while (0)

// ---------------------------------------------------------------- more stacks

static void run_coroutine() {
  ENTER;
  Coroutine& own = t_runner->coroutines[t_runner->running - 1];
  try {
    own.function(own.depth);
  } catch (const std::runtime_error&) {
    shadow_now()->depth = 1;
  }
  allocate_truly();
  swapcontext(&own.context, &own.caller);
}

// To its end, on a stack of its own.  Not from a signal handler: the next one
// would begin at the same place of the signal stack.
[[maybe_unused]] static NOINLINE void call_elsewhere(Function function,
                                                     int depth) {
  ENTER;
  if (t_runner->running < kCoroutines && t_runner->handling == 0) {
    Coroutine& other = t_runner->coroutines[t_runner->running++];
    Shadow* const before = shadow_now();
    sigjmp_buf* const landing = t_runner->landing;
    t_runner->landing = nullptr;
    other.function = function;
    other.depth = depth;
    other.shadow.depth = 0;
    other.shadow.root = kRootCoroutine;
    REQUIRE(getcontext(&other.context) == 0);
    other.context.uc_stack.ss_sp = other.stack;
    other.context.uc_stack.ss_size = sizeof other.stack;
    other.context.uc_link = nullptr;
    makecontext(&other.context, run_coroutine, 0);
    t_shadow = &other.shadow;
    REQUIRE(swapcontext(&other.caller, &other.context) == 0);
    t_shadow = before;
    t_runner->landing = landing;
    --t_runner->running;
  }
  allocate_truly();
  LEAVE;
}

// -------------------------------------------------------------------- running

static NOINLINE void run_all(Runner* runner, unsigned seed, int budget) {
  ENTER;
  t_runner = runner;
  runner->random = seed;
  runner->budget = budget;
  give_signal_stack();
  while (runner->budget > 0) {
    const unsigned before = shadow_now()->depth;
    try {
      run_program(20);
    } catch (const std::runtime_error&) {
      shadow_now()->depth = before;
      runner->landing = nullptr;  // its frame is gone, too
    }
    --runner->budget;
  }
  LEAVE;
}

static void* run_thread(void* argument) {
  auto* runner = static_cast<Runner*>(argument);
  t_shadow = &runner->shadow;
  t_shadow->root = kRootThread;
  ENTER;
  run_all(runner, static_cast<unsigned>(runner - g_runners), 400);
  LEAVE;
  return nullptr;
}

static void run_threads() {
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    REQUIRE(
        !pthread_create(&threads[i], nullptr, run_thread, &g_runners[1 + i]));
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

int main(int argc, char** argv) {
  ENTER;
  const unsigned seed = argc > 1 ? static_cast<unsigned>(atoi(argv[1])) : 1;
  catch_traps(seed % 2 == 0);
  run_all(&g_runners[0], seed, 800);
  const pid_t child = fork();  // while there is one thread
  REQUIRE(child >= 0);
  run_all(&g_runners[0], seed + 1, 300);
  if (child == 0) _exit(0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child && status == 0);
  run_threads();
  LEAVE;
  return 0;
}
