// SPDX-License-Identifier: Apache-2.0
//
// The verified unwinder against libunwind, on frames made to break it.  Each
// case names the condition of verified_unwinder.h that it is about: without
// that condition it fails.
#include <alloca.h>
#include <ucontext.h>

#include <catch2/catch.hpp>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "unwinding.h"

using sagemem::CaptureResult;
using sagemem::ModuleTable;
using sagemem::VerifiedUnwinder;
using sagemem::test::capture_here;
using sagemem::test::Unwinding;

namespace {

#define NOINLINE __attribute__((noinline))
#define WITH_FRAME_POINTER \
  __attribute__((noinline, optimize("no-omit-frame-pointer")))
#define WITHOUT_FRAME_POINTER \
  __attribute__((noinline, optimize("omit-frame-pointer")))

NOINLINE void leaf(Unwinding& u) {
  u.capture();
  Unwinding::barrier();
}

}  // namespace

TEST_CASE("the same stack again is all kept", "[unwinder]") {
  Unwinding u;
  volatile int rounds = 5;
  const int count = rounds;  // unknown to the compiler: one call site
  for (int i = 0; i < count; ++i) leaf(u);
  CHECK(u.wrong == 0);
  CHECK(u.kept == u.depth);
  CHECK(u.depth > 3);
}

namespace {

// Two call sites of one function: its frame has the same pc and sp both times,
// and only a return address further out tells them apart.
NOINLINE void middle(Unwinding& u) {
  leaf(u);
  Unwinding::barrier();
}
NOINLINE void two_sites(Unwinding& u) {
  middle(u);
  Unwinding::barrier();
  middle(u);
  Unwinding::barrier();
}

}  // namespace

TEST_CASE("a changed return address behind an equal frame is seen",
          "[unwinder]") {
  Unwinding u;
  volatile int rounds = 4;
  const int count = rounds;  // unknown to the compiler: one call site
  for (int i = 0; i < count; ++i) two_sites(u);
  CHECK(u.captures == 8);
  CHECK(u.wrong == 0);  // without the verify loop: every second one
}

namespace {

template <int>
NOINLINE void one_of_some(Unwinding& u) {
  u.capture();
  Unwinding::barrier();
}

}  // namespace

TEST_CASE("where only inner frames are new, the quick way is taken",
          "[unwinder]") {
  Unwinding u;
  volatile int rounds = 5;
  const int count = rounds;
  for (int i = 0; i < count; ++i) {
    one_of_some<0>(u);
    one_of_some<1>(u);
    one_of_some<2>(u);
    one_of_some<3>(u);
  }
  CHECK(u.wrong == 0);
  // Not all: where code lies decides which rules push each other out.
  if (sagemem::test::takes_quick_way()) CHECK(u.inner_walks > 0);
}

namespace {

// A call point of its own.
template <int>
NOINLINE void one_place(Unwinding& u) {
  u.note(capture_here(u.unwinder(), u.modules()));
  Unwinding::barrier();
}

// The same call points, and stack pointers, below either.
NOINLINE void some_places(Unwinding& u) {
  one_place<0>(u);
  one_place<1>(u);
  one_place<2>(u);
  Unwinding::barrier();
}
NOINLINE void one_site(Unwinding& u) {
  some_places(u);
  Unwinding::barrier();
}
NOINLINE void other_site(Unwinding& u) {
  some_places(u);
  Unwinding::barrier();
}

}  // namespace

TEST_CASE("paths are known again, and only while they lead to the same frames",
          "[unwinder]") {
  Unwinding u;
  volatile int rounds = 40;
  const int count = rounds;
  for (int i = 0; i < count; ++i) one_site(u);
  for (int i = 0; i < count; ++i) {
    other_site(u);
    one_site(u);
    other_site(u);
  }
  CHECK(u.wrong == 0);
  if (sagemem::test::takes_quick_way()) CHECK(u.known_paths > count);
}

namespace {

// One call point at one stack pointer, as in a program with a malloc of its
// own; the callers of that one tell the stacks apart.
NOINLINE void own_malloc(Unwinding& u) {
  u.note(capture_here(u.unwinder(), u.modules()));
  Unwinding::barrier();
}
template <int>
NOINLINE void one_caller(Unwinding& u) {
  own_malloc(u);
  Unwinding::barrier();
}

}  // namespace

TEST_CASE("paths that begin alike are known by the caller", "[unwinder]") {
  Unwinding u;
  volatile int rounds = 400;
  const int count = rounds;
  for (int i = 0; i < count; ++i) {
    one_caller<0>(u);
    one_caller<1>(u);
    one_caller<2>(u);
  }
  CHECK(u.wrong == 0);
  // Once the innermost frame alone has not told them apart for a while.
  if (sagemem::test::takes_quick_way()) CHECK(u.known_paths > count);
}

namespace {

// The callee's alloca makes up for the different frame sizes of its callers,
// so that its own pc and sp are equal and only the frame pointer differs.
WITH_FRAME_POINTER void capture_after_alloca(Unwinding& u, std::size_t bytes,
                                             const char* wanted_sp) {
  auto* block = static_cast<char*>(alloca(bytes));
  __asm__ volatile("" : : "r"(block) : "memory");
  // Down to the wanted stack pointer, as far as alloca's rounding allows.
  if (wanted_sp != nullptr && block > wanted_sp) {
    auto* more =
        static_cast<char*>(alloca(static_cast<std::size_t>(block - wanted_sp)));
    __asm__ volatile("" : : "r"(more) : "memory");
  }
  leaf(u);
  Unwinding::barrier();
}
WITH_FRAME_POINTER void small_caller(Unwinding& u, const char* wanted) {
  capture_after_alloca(u, 64, wanted);
  Unwinding::barrier();
}
WITH_FRAME_POINTER void large_caller(Unwinding& u, const char* wanted) {
  char room[512];
  std::memset(room, 1, sizeof room);
  __asm__ volatile("" : : "r"(room) : "memory");
  capture_after_alloca(u, 64, wanted);
  Unwinding::barrier();
}
// Saves the frame pointer between the two, and has no use for it.
WITHOUT_FRAME_POINTER void saves_it(Unwinding& u) {
  std::uint64_t value = 1;
  __asm__ volatile("" : "+r"(value) : : "rbx", "r12", "memory");
  leaf(u);
  __asm__ volatile("" : "+r"(value) : : "memory");
}
WITH_FRAME_POINTER void saved_after_alloca(Unwinding& u, std::size_t bytes) {
  auto* block = static_cast<char*>(alloca(bytes));
  __asm__ volatile("" : : "r"(block) : "memory");
  saves_it(u);
  Unwinding::barrier();
}

}  // namespace

TEST_CASE("frames whose CFA comes from the frame pointer", "[unwinder]") {
  Unwinding u;
  char here = 0;
  for (int round = 0; round < 4; ++round) {
    for (std::size_t down = 1024; down <= 4096; down += 16) {
      small_caller(u, &here - down);
      large_caller(u, &here - down);
    }
    for (std::size_t bytes = 16; bytes < 512; bytes += 16) {
      saved_after_alloca(u, bytes);
    }
  }
  CHECK(u.wrong == 0);  // without fp in the junction, or saved-fp words: many
}

namespace {

// Captures from one of two places, so that this frame is at the top of what
// was kept, or within.
NOINLINE void capture_from(Unwinding& u, bool is_other) {
  if (is_other) {
    u.capture();
    __asm__ volatile("# other" ::: "memory");
  } else {
    u.capture();
    __asm__ volatile("# one" ::: "memory");
  }
}

// Takes as much stack as brings it to the same place each time.
WITH_FRAME_POINTER void fill_up(Unwinding& u, const char* wanted_sp,
                                bool is_other) {
  auto* block = static_cast<char*>(alloca(16));
  __asm__ volatile("" : : "r"(block) : "memory");
  auto* more =
      static_cast<char*>(alloca(static_cast<std::size_t>(block - wanted_sp)));
  __asm__ volatile("" : : "r"(more) : "memory");
  capture_from(u, is_other);
  Unwinding::barrier();
}

// Calls it from two places and with two amounts of stack.  The return address
// of the first call stays where it was, in what the second leaves free.
WITH_FRAME_POINTER void leave_free(Unwinding& u, const char* wanted_sp,
                                   bool is_second, bool is_other) {
  auto* block = static_cast<char*>(alloca(is_second ? 1024 : 64));
  __asm__ volatile("" : : "r"(block) : "memory");
  if (is_second) {
    fill_up(u, wanted_sp, is_other);
    __asm__ volatile("# second" ::: "memory");
  } else {
    fill_up(u, wanted_sp, is_other);
    __asm__ volatile("# first" ::: "memory");
  }
}

}  // namespace

TEST_CASE("frames that differ in their frame pointer alone", "[unwinder]") {
  Unwinding u;
  char here = 0;
  const char* const wanted_sp = &here - 4096;
  volatile int rounds = 8;
  for (int i = 0; i < rounds; ++i) {
    // The same place of capturing twice: compared at the top.
    leave_free(u, wanted_sp, i % 2 != 0, i % 4 > 1);
  }
  for (int i = 0; i < rounds; ++i) {
    // Another each time: compared where the kept frames are met.
    leave_free(u, wanted_sp, i % 2 != 0, i % 2 != 0);
  }
  CHECK(u.wrong == 0);  // without the fp at the top, or in the junction: some
}

namespace {

NOINLINE void realigned(Unwinding& u, int depth) {
  alignas(64) volatile char room[64];
  room[0] = static_cast<char>(depth);
  if (depth > 0) {
    realigned(u, depth - 1);
  } else {
    leaf(u);
  }
  room[1] = room[0];
}

NOINLINE void random_walk(Unwinding& u, std::mt19937& random, int depth) {
  const auto bytes = 16 * (1 + random() % 8);
  auto* block = static_cast<char*>(alloca(bytes));
  __asm__ volatile("" : : "r"(block) : "memory");
  while (random() % 4 != 0) {
    switch (random() % 6) {
      case 0:
        leaf(u);
        break;
      case 1:
        if (depth < 40) random_walk(u, random, depth + 1);
        break;
      case 2:
        two_sites(u);
        break;
      case 3:
        realigned(u, static_cast<int>(random() % 3));
        break;
      case 4:
        saved_after_alloca(u, bytes);
        break;
      default:
        if (random() % 8 == 0 && depth > 2) throw std::runtime_error("up");
        break;
    }
  }
  if (depth == 0) return;
  try {
    if (random() % 2 == 0) random_walk(u, random, depth - 1);
  } catch (const std::runtime_error&) {
    leaf(u);
  }
}

}  // namespace

TEST_CASE("realigned frames", "[unwinder]") {
  Unwinding u;
  for (int i = 0; i < 20; ++i) realigned(u, i % 4);
  CHECK(u.wrong == 0);
}

TEST_CASE("random programs with exceptions and alloca", "[unwinder]") {
  Unwinding u;
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    try {
      random_walk(u, random, 3);
    } catch (const std::runtime_error&) {
      leaf(u);
    }
  }
  CHECK(u.captures > 5000);
  CHECK(u.wrong == 0);
}

namespace {

Unwinding* g_unwinding;
std::jmp_buf g_jump;

NOINLINE int jump_out(int depth) {
  if (depth == 0) {
    leaf(*g_unwinding);
    if (g_unwinding->captures > 0) std::longjmp(g_jump, 1);
    return 0;
  }
  return jump_out(depth - 1) + 1;
}

void capture_in_signal(int) {
  leaf(*g_unwinding);
}

}  // namespace

TEST_CASE("longjmp and signal handlers", "[unwinder]") {
  Unwinding u;
  g_unwinding = &u;
  for (int i = 0; i < 10; ++i) {
    if (setjmp(g_jump) == 0) jump_out(i);
    leaf(u);
  }
  struct sigaction action {};
  action.sa_handler = capture_in_signal;
  sigaction(SIGUSR1, &action, nullptr);
  raise(SIGUSR1);
  CHECK(u.captures == 21);
  for (int i = 0; i < 3; ++i) {
    raise(SIGUSR1);
    leaf(u);
  }
  CHECK(u.result == CaptureResult::Verified);
  CHECK(u.wrong == 0);
}

namespace {

ucontext_t g_main;
ucontext_t g_coroutine;

void coroutine_body() {
  for (;;) {
    two_sites(*g_unwinding);
    swapcontext(&g_coroutine, &g_main);
  }
}

}  // namespace

TEST_CASE("coroutines switch stacks", "[unwinder]") {
  Unwinding u;
  g_unwinding = &u;
  std::vector<char> stack(256 * 1024);
  getcontext(&g_coroutine);
  g_coroutine.uc_stack.ss_sp = stack.data();
  g_coroutine.uc_stack.ss_size = stack.size();
  g_coroutine.uc_link = nullptr;
  makecontext(&g_coroutine, coroutine_body, 0);
  for (int i = 0; i < 20; ++i) {
    leaf(u);
    swapcontext(&g_main, &g_coroutine);
  }
  CHECK(u.wrong == 0);
}

namespace {

NOINLINE int recurse(Unwinding& u, int depth) {
  if (depth == 0) {
    leaf(u);
    return 0;
  }
  return recurse(u, depth - 1) + 1;
}

}  // namespace

TEST_CASE("stacks deeper than the limit are cut and say so", "[unwinder]") {
  Unwinding u;
  recurse(u, 3000);
  CHECK(u.result == CaptureResult::Verified);
  CHECK(u.wrong == 0);
  recurse(u, 9000);
  CHECK(u.result == CaptureResult::Truncated);
  CHECK(u.depth == sagemem::kMaxFrames);
  recurse(u, 8);
  CHECK(u.result == CaptureResult::Verified);
}

TEST_CASE("each thread has its own", "[unwinder]") {
  int wrong = 0;
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<Unwinding>> all;
  for (int i = 0; i < 4; ++i) all.push_back(std::make_unique<Unwinding>());
  for (auto& u : all) {
    threads.emplace_back([&u] {
      for (int i = 0; i < 500; ++i) two_sites(*u);
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& u : all) wrong += u->wrong;
  CHECK(wrong == 0);
}
