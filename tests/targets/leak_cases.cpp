// SPDX-License-Identifier: Apache-2.0
//
// The driver, and the cases with single blocks.  See leak_cases.h.
#include "leak_cases.h"

#include <setjmp.h>
#include <string.h>
#include <sys/wait.h>

#include <initializer_list>

#include "load_plugin.h"

namespace {

void* g_slot;

NOINLINE void none() {}

NOINLINE void freed() {
  for (int i = 0; i < 1000; ++i) free(block(100));
}

NOINLINE void list_freed() {
  node* list = make_list(100, nullptr);
  while (list != nullptr) {
    node* const next = list->next;
    free(list);
    list = next;
  }
}

NOINLINE void realloc_freed() {
  void* grown = nullptr;
  for (int i = 1; i < 100; ++i) grown = keep(realloc(grown, 100 * i));
  free(grown);
}

NOINLINE void plain() {
  block(100);
}

NOINLINE void many() {
  for (int i = 0; i < 100; ++i) block(40 + i);
}

NOINLINE void overwritten() {
  g_slot = block(100);
  keep(&g_slot);
  g_slot = nullptr;
}

NOINLINE void grown() {
  keep(realloc(block(100), 5000));
}

NOINLINE void zeroed() {
  keep(calloc(10, 30));
}

NOINLINE void aligned() {
  void* made = nullptr;
  REQUIRE(posix_memalign(&made, 4096, 100) == 0);
  keep(made);
}

NOINLINE void text() {
  keep(strdup("a text that nobody needs"));
}

NOINLINE void nothing() {
  block(0);
}

NOINLINE void large() {
  memset(block(4 << 20), 1, 4 << 20);
}

NOINLINE void after_long_list() {
  node* const list = make_list(1000, nullptr);
  list->before = make_list(1, nullptr);
  keep(list);
  for (node* at = list->next; at != nullptr;) {
    node* const next = at->next;
    free(at);
    at = next;
  }
}

// What was once written into a released block points nowhere.
NOINLINE void from_released() {
  void** const holder = static_cast<void**>(block(4000));
  for (int i = 0; i < 500; ++i) holder[i] = nullptr;
  holder[400] = block(100);
  keep(holder);
  free(holder);
}

// The next chunk begins in the last word of such a block, and malloc's own
// lists lead there once it is free.
NOINLINE void before_free_chunk() {
  for (int i = 0; i < 8; ++i) {
    // Else it has what malloc has left there.
    memset(block(2024), 0, 2024);
    void* const between = block(3000);
    block(24);
    free(between);
  }
}

NOINLINE void forests() {
  for (int forest = 0; forest < 10; ++forest) {
    void* const halos = block(1000 + forest);
    block(64);
    free(halos);
  }
}

NOINLINE int load(int forest) {
  void* const halos = block(500);
  if (forest % 2 == 1) return -1;  // and skips the rest
  free(halos);
  return 0;
}

NOINLINE void early_return() {
  for (int forest = 0; forest < 10; ++forest) load(forest);
}

jmp_buf g_target;

NOINLINE void jump_over() {
  void* const made = block(100);
  if (made != nullptr) longjmp(g_target, 1);
  free(made);
}

NOINLINE void jumped() {
  if (setjmp(g_target) == 0) jump_over();
}

void leak_late() {
  block(100);
}

NOINLINE void at_exit() {
  REQUIRE(atexit(leak_late) == 0);
}

struct Late {
  bool is_used = false;
  ~Late() {
    if (is_used) leak_late();
  }
} g_late;

NOINLINE void static_destructor() {
  g_late.is_used = true;
}

// In the child, which leaves as a program does.
NOINLINE void fork_child() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    block(100);
    return;
  }
  REQUIRE(waitpid(child, nullptr, 0) == child);
}

NOINLINE void fork_parent() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) return;
  REQUIRE(waitpid(child, nullptr, 0) == child);
  block(100);
}

NOINLINE void call_plugin() {
  void* const handle = load_plugin("leak_plugin.so");
  const auto hold =
      reinterpret_cast<void (*)()>(dlsym(handle, "leak_plugin_hold"));
  REQUIRE(hold != nullptr);
  hold();
  REQUIRE(dlclose(handle) == 0);
}

// `depth` is kept out of the compiler's sight.
NOINLINE void overwrite_stack(int depth) {
  char space[4096];
  memset(keep(space), 0, sizeof space);
  if (depth > 0) overwrite_stack(depth - 1);
  keep(space);
}

NOINLINE void run(const leak_case& one) {
  one.run();
  overwrite_stack(16);
}

NOINLINE bool find_and_run(const leak_case* cases, const char* name) {
  for (; cases->name != nullptr; ++cases) {
    if (name == nullptr) {
      say("%s\n", cases->name);
    } else if (strcmp(cases->name, name) == 0) {
      run(*cases);
      return true;
    }
  }
  return false;
}

}  // namespace

const leak_case g_plain_cases[] = {
    {"clean_none", none},
    {"clean_freed", freed},
    {"clean_list", list_freed},
    {"clean_realloc", realloc_freed},
    {"lost_plain", plain},
    {"lost_many", many},
    {"lost_overwritten", overwritten},
    {"lost_realloc", grown},
    {"lost_calloc", zeroed},
    {"lost_aligned", aligned},
    {"lost_strdup", text},
    {"lost_empty", nothing},
    {"lost_large", large},
    {"lost_half_list", after_long_list},
    {"lost_from_released", from_released},
    {"lost_before_free_chunk", before_free_chunk},
    {"lost_per_forest", forests},
    {"lost_early_return", early_return},
    {"lost_longjmp", jumped},
    {"lost_at_exit", at_exit},
    {"lost_static_destructor", static_destructor},
    {"lost_fork_child", fork_child},
    {"lost_fork_parent", fork_parent},
    {"lost_dlclose", call_plugin},
    {nullptr, nullptr},
};

int main(int, char** arguments) {
  const char* const name = arguments[1];
  bool is_known = name == nullptr;
  for (const leak_case* cases : {g_plain_cases, g_ring_cases, g_held_cases,
                                 g_thread_cases, g_container_cases}) {
    is_known |= find_and_run(cases, name);
  }
  return is_known ? 0 : 2;
}
