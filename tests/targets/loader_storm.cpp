// SPDX-License-Identifier: Apache-2.0
//
// Everything that takes the loader's lock, the unwinder's and the allocator's,
// all at once: threads that load and unload plug-ins, throw exceptions,
// allocate and fork.  A recorder that unwinds or asks the loader while it holds
// a lock of its own stops here for ever.
//
// usage: loader_storm [ROUNDS]
#include <link.h>
#include <sys/wait.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "load_plugin.h"

namespace {

int g_rounds = 200;

void load_and_unload(const char* name) {
  for (int i = 0; i < g_rounds; ++i) {
    void* handle = load_plugin(name);
    free(entry_of(handle)(200));
    REQUIRE(dlclose(handle) == 0);
  }
}

[[gnu::noinline]] void throw_from(int depth) {
  const std::string text(100 + static_cast<std::size_t>(depth), 't');
  if (depth == 0) throw std::runtime_error(text);
  throw_from(depth - 1);
}

void throw_and_catch() {
  for (int i = 0; i < g_rounds * 20; ++i) {
    try {
      throw_from(i % 12);
    } catch (const std::exception& error) {
      REQUIRE(error.what()[0] == 't');
    }
  }
}

void allocate() {
  std::vector<std::string> strings;
  for (int i = 0; i < g_rounds * 200; ++i) {
    strings.emplace_back(static_cast<std::size_t>(50 + i % 100), 's');
    if (strings.size() == 64) strings.clear();
  }
}

// Allocates while the loader's lock is held, as a callback may.
int allocate_in_callback(dl_phdr_info*, std::size_t, void*) {
  free(keep(malloc(64)));
  return 0;
}

void walk_modules() {
  for (int i = 0; i < g_rounds * 10; ++i) {
    dl_iterate_phdr(allocate_in_callback, nullptr);
  }
}

void fork_children() {
  for (int i = 0; i < g_rounds / 5; ++i) {
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      for (int k = 0; k < 100; ++k) free(keep(malloc(100)));
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) g_rounds = atoi(argv[1]);
  std::vector<std::thread> threads;
  threads.emplace_back(load_and_unload, "plugin_rows.so");
  threads.emplace_back(load_and_unload, "plugin_columns.so");
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back(throw_and_catch);
    threads.emplace_back(allocate);
  }
  threads.emplace_back(walk_modules);
  threads.emplace_back(fork_children);
  for (std::thread& thread : threads) thread.join();
  say("done\n");
  return 0;
}
