// SPDX-License-Identifier: Apache-2.0
//
// Memory taken before main and given back after it: static initialisers,
// function-local statics, atexit, thread_local, thread-specific keys and
// destructor functions.  At the end nothing of it is left.
#include <pthread.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support.h"

namespace {

void* g_of_constructor = nullptr;
void* g_of_atexit = nullptr;

const std::vector<std::string> g_names(50, std::string(100, 'n'));
std::vector<std::unique_ptr<int>> g_numbers;
thread_local std::vector<long> t_scratch;

[[gnu::constructor(101)]] void early() {
  g_of_constructor = keep(malloc(111));
}

[[gnu::destructor(101)]] void late() {
  free(g_of_constructor);
  free(keep(malloc(222)));  // the last thing that this program does
}

void at_exit() {
  free(g_of_atexit);
}

void of_key(void* block) {
  free(block);
}

std::vector<int>& local_static() {
  static std::vector<int> values(333);
  return values;
}

void run_thread(pthread_key_t key) {
  t_scratch.assign(1000, 5);
  REQUIRE(pthread_setspecific(key, keep(malloc(444))) == 0);
}

}  // namespace

int main() {
  pthread_key_t key;
  REQUIRE(pthread_key_create(&key, of_key) == 0);
  for (int i = 0; i < 40; ++i) g_numbers.push_back(std::make_unique<int>(i));
  g_of_atexit = keep(malloc(555));
  REQUIRE(std::atexit(at_exit) == 0);
  t_scratch.assign(2000, 6);
  std::thread(run_thread, key).join();
  say("%zu %zu %zu\n", g_names.size(), g_numbers.size(), local_static().size());
  return 0;
}
