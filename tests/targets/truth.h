// SPDX-License-Identifier: Apache-2.0
//
// The truth about call stacks: each function of a target notes its own return
// address when it is entered, and each allocation writes down what was noted.
// The test compares that with what was recorded, frame by frame.
//
//   file truth.PID, words of 8 bytes, one record an allocation:
//     size, address, root, count, then count return addresses, innermost first
//
// The innermost frame, in the function that allocates, is left out; what lies
// outside of the outermost function (`root`: of a thread, of main) is libc's.
//
// Hazard: a function that says ENTER has to leave by
// LEAVE, except by exceptions and jumps: whoever catches them puts the depth
// back with shadow_depth().
#pragma once

#include <fcntl.h>

#include <cstdint>

#include "support.h"

enum { kMaxShadow = 4096 };
// In the place of a return address: here may be some that nobody has noted.
enum : std::uint64_t { kGap = 0 };
enum Root { kRootMain, kRootThread, kRootCoroutine };

struct Shadow {
  std::uint64_t frames[kMaxShadow];
  unsigned depth;
  std::uint64_t root;
};

static Shadow g_main_shadow;
static thread_local Shadow* t_shadow;

// The shadow of the stack that this thread is on.
__attribute__((unused)) static inline Shadow* shadow_now() {
  if (t_shadow == nullptr) t_shadow = &g_main_shadow;
  return t_shadow;
}

__attribute__((unused)) static inline void shadow_push(std::uint64_t address) {
  Shadow* shadow = shadow_now();
  REQUIRE(shadow->depth < kMaxShadow);
  shadow->frames[shadow->depth++] = address;
}

__attribute__((unused)) static inline void shadow_pop(unsigned count) {
  shadow_now()->depth -= count;
}

#define ENTER \
  shadow_push(reinterpret_cast<std::uint64_t>(__builtin_return_address(0)))
// keep(): the last call of a function must not become a jump.
#define LEAVE      \
  do {             \
    keep(nullptr); \
    shadow_pop(1); \
  } while (0)

// One write(2) of a whole record, so that threads do not mix theirs.
__attribute__((unused)) static void write_truth(size_t size, void* block) {
  static int fd = -1;
  static pid_t pid;
  static std::uint64_t all_records[8][kMaxShadow + 4];
  static int used;
  static thread_local std::uint64_t* t_record;
  if (fd < 0 || pid != getpid()) {
    char name[32];
    pid = getpid();
    snprintf(name, sizeof name, "truth.%d", pid);
    fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
  }
  if (t_record == nullptr) {
    const int number = __atomic_fetch_add(&used, 1, __ATOMIC_RELAXED);
    REQUIRE(number < 8);
    t_record = all_records[number];
  }
  const Shadow* shadow = shadow_now();
  t_record[0] = size;
  t_record[1] = reinterpret_cast<std::uint64_t>(block);
  t_record[2] = shadow->root;
  t_record[3] = shadow->depth;
  for (unsigned i = 0; i < shadow->depth; ++i) {
    t_record[4 + i] = shadow->frames[shadow->depth - 1 - i];
  }
  const size_t bytes = (4 + shadow->depth) * sizeof(std::uint64_t);
  REQUIRE(write(fd, t_record, bytes) == static_cast<ssize_t>(bytes));
}

// Sizes that nobody else asks for, each for one allocation.
__attribute__((unused)) static size_t next_size() {
  static size_t serial;
  return 20000 + __atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED);
}

__attribute__((unused)) static NOINLINE void allocate_truly() {
  ENTER;
  const size_t size = next_size();
  void* block = keep(malloc(size));
  REQUIRE(block != nullptr);
  write_truth(size, block);
  free(block);
  LEAVE;
}
