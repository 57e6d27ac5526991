// SPDX-License-Identifier: Apache-2.0
//
// Blocks that something still points to, by the calling thread.  See
// leak_cases.h.
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "leak_cases.h"

namespace {

void* g_slot;
node* g_list;
uintptr_t g_word;
thread_local void* t_slot;

NOINLINE void global() {
  g_slot = block(100);
  keep(&g_slot);
}

NOINLINE void static_local() {
  static void* held;
  held = block(100);
  keep(&held);
}

NOINLINE void thread_variable() {
  t_slot = block(100);
  keep(&t_slot);
}

NOINLINE void thread_key() {
  pthread_key_t key;
  REQUIRE(pthread_key_create(&key, nullptr) == 0);
  REQUIRE(pthread_setspecific(key, block(100)) == 0);
}

NOINLINE void late_thread_key() {
  pthread_key_t key = 0;
  // From the 33rd on they stand in a block of their own.
  for (int i = 0; i < 40; ++i) {
    REQUIRE(pthread_key_create(&key, nullptr) == 0);
  }
  REQUIRE(pthread_setspecific(key, block(100)) == 0);
}

NOINLINE void list() {
  g_list = make_list(10, nullptr);
  keep(&g_list);
}

NOINLINE void ring() {
  g_list = make_list(3, nullptr);
  g_list->next->next->next = g_list;
  keep(&g_list);
}

NOINLINE void interior() {
  g_slot = static_cast<char*>(block(200)) + 96;
  keep(&g_slot);
}

NOINLINE void last_byte() {
  g_slot = static_cast<char*>(block(200)) + 199;
  keep(&g_slot);
}

NOINLINE void tagged() {
  g_word = reinterpret_cast<uintptr_t>(block(100)) | 3;
  keep(&g_word);
}

void* map_pages(int protection, int flags) {
  void* const pages = mmap(nullptr, 8192, protection, flags, -1, 0);
  REQUIRE(pages != MAP_FAILED);
  return pages;
}

// The only way there is through pages that the program mapped itself.
NOINLINE void mapped_pool() {
  void** const pool = static_cast<void**>(
      map_pages(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS));
  pool[10] = block(100);
  g_slot = pool;
  keep(&g_slot);
}

NOINLINE void sealed_pool() {
  void** const pool = static_cast<void**>(
      map_pages(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS));
  pool[10] = block(100);
  REQUIRE(mprotect(pool, 8192, PROT_READ) == 0);
  g_slot = pool;
  keep(&g_slot);
}

NOINLINE void shared_pool() {
  void** const pool = static_cast<void**>(
      map_pages(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS));
  pool[10] = block(100);
  g_slot = pool;
  keep(&g_slot);
}

// Objects out of one large block of the program's own.
NOINLINE void block_pool() {
  void** const pool = static_cast<void**>(block(64 * 1024));
  memset(pool, 0, 64 * 1024);
  for (int i = 0; i < 10; ++i) pool[i * 100] = block(30);
  g_slot = pool;
  keep(&g_slot);
}

NOINLINE void lost_pool() {
  void** const pool = static_cast<void**>(block(64 * 1024));
  memset(pool, 0, 64 * 1024);
  for (int i = 0; i < 10; ++i) pool[i * 100] = block(30);
}

alignas(16) char g_pool[64 * 1024];

NOINLINE void static_pool() {
  for (int i = 0; i < 10; ++i) {
    void* const made = block(30);
    memcpy(g_pool + i * 512, &made, sizeof made);
  }
  keep(g_pool);
}

NOINLINE void from_large() {
  void** const holder = static_cast<void**>(block(4 << 20));
  memset(holder, 0, 4 << 20);
  holder[300000] = block(100);
  g_slot = holder;
  keep(&g_slot);
}

// exit() from within: what the callers have is still theirs.  It might return,
// as far as the compiler knows.
NOINLINE void leave(void* nothing) {
  if (keep(nothing) == nullptr) exit(0);
}

NOINLINE void local_variable() {
  void* volatile held = block(100);
  leave(nullptr);
  free(held);
}

// The same in a register that calls leave as it is.
NOINLINE void local_register() {
  void* const held = block(100);
  leave(nullptr);
  free(keep(held));
}

}  // namespace

const leak_case g_held_cases[] = {
    {"held_global", global},
    {"held_static_local", static_local},
    {"held_thread_variable", thread_variable},
    {"held_thread_key", thread_key},
    {"held_late_thread_key", late_thread_key},
    {"held_list", list},
    {"held_ring", ring},
    {"held_interior", interior},
    {"held_last_byte", last_byte},
    {"held_tagged", tagged},
    {"held_mapped_pool", mapped_pool},
    {"held_sealed_pool", sealed_pool},
    {"held_shared_pool", shared_pool},
    {"held_block_pool", block_pool},
    {"indirect_lost_pool", lost_pool},
    {"held_static_pool", static_pool},
    {"held_from_large", from_large},
    {"held_local_variable", local_variable, true},
    {"held_local_register", local_register, true},
    {nullptr, nullptr},
};
