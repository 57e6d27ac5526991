// SPDX-License-Identifier: Apache-2.0
//
// Blocks that are held from where one would not look first: stacks that a
// thread does not stand on, ground that was another block's before.  Each case
// says how many of its own blocks are held, and loses none.
//
// usage: scan_places CASE
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "support.h"

namespace {

constexpr size_t kStackBytes = 256 * 1024;

sem_t g_ready;
ucontext_t g_main;
ucontext_t g_fibers[2];
void* g_slot;

NOINLINE void* block() {
  return keep(malloc(100));
}

void prepare(ucontext_t& context, void* stack, size_t bytes, void (*run)()) {
  REQUIRE(getcontext(&context) == 0);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = bytes;
  context.uc_link = nullptr;
  makecontext(&context, run, 0);
}

void* map(void* where, size_t bytes, int protection) {
  const int fixed = where == nullptr ? 0 : MAP_FIXED_NOREPLACE;
  void* const pages = mmap(where, bytes, protection,
                           MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, 0);
  REQUIRE(pages != MAP_FAILED && (where == nullptr || pages == where));
  return pages;
}

// Behind a page that must not be touched, as the C library makes them.
char* map_guarded(size_t bytes) {
  auto* const pages = static_cast<char*>(map(nullptr, bytes + 4096, PROT_NONE));
  REQUIRE(mprotect(pages + 4096, bytes, PROT_READ | PROT_WRITE) == 0);
  return pages + 4096;
}

void leave() {
  void* volatile held = block();
  exit(0);
  free(held);
}

void suspend() {
  void* volatile held = block();
  REQUIRE(swapcontext(&g_fibers[0], &g_main) == 0);
  free(held);
}

// The first thread stands on another stack, and main() has a block.
void exit_on_fiber() {
  static char stack[kStackBytes];
  say("held=2\n");
  void* volatile held = block();
  prepare(g_fibers[0], stack, sizeof stack, leave);
  REQUIRE(swapcontext(&g_main, &g_fibers[0]) == 0);
  free(held);
}

// Two stacks in one mapping: below the one that is left from, another waits.
void exit_above_fiber() {
  say("held=3\n");
  void* volatile held = block();
  char* const stacks = map_guarded(2 * kStackBytes);
  prepare(g_fibers[0], stacks, kStackBytes, suspend);
  REQUIRE(swapcontext(&g_main, &g_fibers[0]) == 0);
  prepare(g_fibers[1], stacks + kStackBytes, kStackBytes, leave);
  REQUIRE(swapcontext(&g_main, &g_fibers[1]) == 0);
  free(held);
}

[[noreturn]] void* hold_on_stack(void*) {
  void* volatile held = block();
  keep(const_cast<void**>(&held));
  REQUIRE(sem_post(&g_ready) == 0);
  for (;;) pause();
}

// A large block that has a mapping of its own, wherever it begins in it.
char* release_large() {
  constexpr size_t kBytes = 16 << 20;
  auto* const large = static_cast<char*>(keep(aligned_alloc(64, kBytes)));
  REQUIRE(large != nullptr);
  memset(large, 1, kBytes);
  auto* const middle = large + kBytes / 2;
  char* const page = middle - reinterpret_cast<size_t>(middle) % 4096;
  free(large);
  return page;
}

void stack_in_hole() {
  say("held=1\n");
  char* const hole = release_large();
  map(hole, kStackBytes, PROT_READ | PROT_WRITE);
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstack(&attributes, hole, kStackBytes) == 0);
  REQUIRE(sem_init(&g_ready, 0, 0) == 0);
  pthread_t thread;
  REQUIRE(pthread_create(&thread, &attributes, hold_on_stack, nullptr) == 0);
  while (sem_wait(&g_ready) != 0) {
  }
}

void pool_in_hole() {
  say("held=1\n");
  auto** const pool = static_cast<void**>(
      map(release_large(), kStackBytes, PROT_READ | PROT_WRITE));
  pool[100] = block();
}

// A block of the C library's that nobody may touch for now.
void out_of_bounds() {
  say("held=1\n");
  REQUIRE(posix_memalign(&g_slot, 4096, 4096) == 0);
  REQUIRE(mprotect(keep(g_slot), 4096, PROT_NONE) == 0);
}

void huge_pages() {
  constexpr size_t kBytes = 2 << 20;
  void* const pages = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (pages == MAP_FAILED) {
    say("no huge pages\n");
    return;
  }
  say("held=1\n");
  static_cast<void**>(pages)[1000] = block();
}

struct {
  const char* name;
  void (*run)();
} const kCases[] = {
    {"exit_on_fiber", exit_on_fiber}, {"exit_above_fiber", exit_above_fiber},
    {"stack_in_hole", stack_in_hole}, {"pool_in_hole", pool_in_hole},
    {"out_of_bounds", out_of_bounds}, {"huge_pages", huge_pages},
};

}  // namespace

int main(int count, char** arguments) {
  REQUIRE(count == 2);
  for (const auto& one : kCases) {
    if (strcmp(one.name, arguments[1]) != 0) continue;
    one.run();
    return 0;
  }
  return 2;
}
