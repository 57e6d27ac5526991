// SPDX-License-Identifier: Apache-2.0
//
// Call stacks of all kinds that compilers and programs make, and the truth
// about them: see truth.h.  Each kind is also mixed with the one before, so
// that a stack kept from one is met by the other.
//
// usage: true_stacks KIND [ROUNDS]
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>

#include <stdexcept>

#include "truth.h"

namespace {

#define WITH_FRAME_POINTER \
  NOINLINE __attribute__((optimize("no-omit-frame-pointer")))
#define WITHOUT_FRAME_POINTER \
  NOINLINE __attribute__((optimize("omit-frame-pointer")))
#define REALIGNED NOINLINE __attribute__((force_align_arg_pointer))

// ------------------------------------------------------------------- frames

WITH_FRAME_POINTER void use_frame_pointer(int depth);

WITHOUT_FRAME_POINTER void use_none(int depth) {
  ENTER;
  char room[40];
  keep(room);
  if (depth > 0) use_frame_pointer(depth - 1);
  allocate_truly();
  LEAVE;
}

WITH_FRAME_POINTER void use_frame_pointer(int depth) {
  ENTER;
  char room[100];
  keep(room);
  if (depth > 0) use_none(depth - 1);
  allocate_truly();
  LEAVE;
}

NOINLINE void use_alloca(int depth, unsigned* state) {
  ENTER;
  const size_t bytes = 16 * (1 + next_random(state) % 16);
  keep(memset(alloca(bytes), 1, bytes));
  if (depth > 0) use_alloca(depth - 1, state);
  allocate_truly();
  keep(memset(alloca(bytes), 1, bytes));
  use_frame_pointer(depth % 3);
  LEAVE;
}

REALIGNED void use_realigned(int depth) {
  ENTER;
  alignas(64) char room[64];
  keep(room);
  if (depth > 0) use_realigned(depth - 1);
  allocate_truly();
  LEAVE;
}

NOINLINE void frames(int round) {
  ENTER;
  auto state = static_cast<unsigned>(round);
  use_frame_pointer(round % 7);
  use_none(round % 5);
  use_alloca(round % 4, &state);
  use_realigned(round % 6);
  LEAVE;
}

// The callee of a tail call returns to its caller's caller.
__attribute__((noinline, noclone, optimize("optimize-sibling-calls"))) void
jump_to(void (*function)(int), int value) {
  ENTER;
  allocate_truly();
  keep(nullptr);
  shadow_pop(1);
  function(value);
}

NOINLINE void call_twice(int depth) {
  ENTER;
  jump_to(use_none, depth % 3);
  if (depth > 0) jump_to(call_twice, depth - 1);
  LEAVE;
}

NOINLINE void tail_calls(int round) {
  ENTER;
  call_twice(round % 9);
  LEAVE;
}

// ------------------------------------------------------- leaving many at once

NOINLINE void throw_from(int depth) {
  ENTER;
  allocate_truly();
  if (depth == 0) throw std::runtime_error("up");
  throw_from(depth - 1);
  LEAVE;
}

NOINLINE void catch_at(int depth, int thrown) {
  ENTER;
  const unsigned before = shadow_now()->depth;
  try {
    if (depth > 0) catch_at(depth - 1, thrown);
    throw_from(thrown);
  } catch (const std::runtime_error&) {
    shadow_now()->depth = before;
    allocate_truly();
  }
  LEAVE;
}

NOINLINE void exceptions(int round) {
  ENTER;
  catch_at(round % 4, round % 11);
  LEAVE;
}

jmp_buf g_jump;

NOINLINE void jump_from(int depth) {
  ENTER;
  allocate_truly();
  if (depth > 0) jump_from(depth - 1);
  if (depth < 1) longjmp(g_jump, 1);
  LEAVE;
}

NOINLINE void jump_and_land(int depth) {
  ENTER;
  const unsigned before = shadow_now()->depth;
  if (setjmp(g_jump) == 0) jump_from(depth);
  shadow_now()->depth = before;
  allocate_truly();
  use_none(2);
  LEAVE;
}

NOINLINE void jumps(int round) {
  ENTER;
  jump_and_land(round % 13);
  LEAVE;
}

// ------------------------------------------------------------------- signals

// The handler's caller is the trampoline, whose caller is the instruction that
// was interrupted.
void on_trap(int, siginfo_t*, void* context) {
  const auto* interrupted = static_cast<ucontext_t*>(context);
  shadow_push(
      static_cast<std::uint64_t>(interrupted->uc_mcontext.gregs[REG_RIP]));
  ENTER;
  allocate_truly();
  use_frame_pointer(2);
  keep(nullptr);
  shadow_pop(2);
}

void catch_traps(int flags) {
  struct sigaction action = {};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | flags;
  REQUIRE(sigaction(SIGTRAP, &action, nullptr) == 0);
}

inline void trap() {
  __asm__ volatile("int3" : : : "memory");
}

WITHOUT_FRAME_POINTER void trap_in_leaf() {
  ENTER;
  trap();
  shadow_pop(1);
}

WITH_FRAME_POINTER void trap_between(int depth) {
  ENTER;
  allocate_truly();
  trap();
  if (depth > 0) trap_between(depth - 1);
  trap_in_leaf();
  allocate_truly();
  LEAVE;
}

NOINLINE void signals(int round) {
  ENTER;
  catch_traps(0);
  trap_between(round % 5);
  LEAVE;
}

NOINLINE void alternate_stack(int round) {
  ENTER;
  static char stack[256 * 1024];
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  REQUIRE(sigaltstack(&alternate, nullptr) == 0);
  catch_traps(SA_ONSTACK);
  trap_between(round % 5);
  use_realigned(3);
  LEAVE;
}

// ---------------------------------------------------------------- more stacks

struct Coroutine {
  ucontext_t context;
  Shadow shadow;
  char stack[64 * 1024];
};
ucontext_t g_scheduler;
Coroutine g_coroutines[2];
int g_running;

NOINLINE void yield_inside(int depth) {
  ENTER;
  allocate_truly();
  if (depth > 0) {
    yield_inside(depth - 1);
  } else {
    swapcontext(&g_coroutines[g_running].context, &g_scheduler);
  }
  allocate_truly();
  LEAVE;
}

void run_coroutine() {
  ENTER;
  for (int i = 0;; ++i) yield_inside(i % 6);
}

void make_coroutine(Coroutine& coroutine) {
  REQUIRE(getcontext(&coroutine.context) == 0);
  coroutine.context.uc_stack.ss_sp = coroutine.stack;
  coroutine.context.uc_stack.ss_size = sizeof coroutine.stack;
  coroutine.context.uc_link = nullptr;
  coroutine.shadow.depth = 0;
  coroutine.shadow.root = kRootCoroutine;
  makecontext(&coroutine.context, run_coroutine, 0);
}

NOINLINE void coroutines(int round) {
  ENTER;
  Shadow* const before = shadow_now();
  // Now and then a new one on an old one's stack.
  if (round % 16 < 2) make_coroutine(g_coroutines[round % 2]);
  g_running = round % 2;
  t_shadow = &g_coroutines[g_running].shadow;
  REQUIRE(swapcontext(&g_scheduler, &g_coroutines[g_running].context) == 0);
  t_shadow = before;
  use_none(round % 4);
  LEAVE;
}

void* run_thread(void* argument) {
  t_shadow = static_cast<Shadow*>(argument);
  t_shadow->depth = 0;
  t_shadow->root = kRootThread;
  ENTER;
  for (int i = 0; i < 10; ++i) frames(i);
  LEAVE;
  return nullptr;
}

NOINLINE void threads(int round) {
  constexpr int kThreads = 3;
  static Shadow shadows[kThreads];
  if (round > 0) return;  // the truth of three threads is enough
  ENTER;
  pthread_t made[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    REQUIRE(!pthread_create(&made[i], nullptr, run_thread, &shadows[i]));
  }
  for (int i = 0; i < kThreads; ++i) pthread_join(made[i], nullptr);
  LEAVE;
}

NOINLINE void fork_children(int round) {
  if (round % 10 != 0) return;
  ENTER;
  frames(round);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  frames(round);
  if (pid == 0) _exit(0);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
  LEAVE;
}

struct Kind {
  const char* name;
  void (*run)(int round);
};
const Kind kKinds[] = {
    {"frames", frames},         {"tail_calls", tail_calls},
    {"exceptions", exceptions}, {"jumps", jumps},
    {"signals", signals},       {"alternate_stack", alternate_stack},
    {"coroutines", coroutines}, {"threads", threads},
    {"fork", fork_children},
};

NOINLINE void run(const Kind& kind, int rounds) {
  ENTER;
  for (int i = 0; i < rounds; ++i) kind.run(i);
  LEAVE;
}

}  // namespace

int main(int argc, char** argv) {
  ENTER;
  REQUIRE(argc > 1);
  for (const Kind& kind : kKinds) {
    if (strcmp(kind.name, argv[1]) == 0 || strcmp("all", argv[1]) == 0) {
      run(kind, argc > 2 ? atoi(argv[2]) : 40);
    }
  }
  LEAVE;
  return 0;
}
