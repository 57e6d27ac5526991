// SPDX-License-Identifier: Apache-2.0
//
// Blocks of other threads, which have ended or wait for the end of the process.
// See leak_cases.h.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>

#include "leak_cases.h"

namespace {

thread_local void* t_slot;
sem_t g_ready;

void* start(pthread_t& thread, void* (*body)(void*)) {
  REQUIRE(sem_init(&g_ready, 0, 0) == 0);
  REQUIRE(pthread_create(&thread, nullptr, body, nullptr) == 0);
  return nullptr;
}

NOINLINE void run_and_join(void* (*body)(void*)) {
  pthread_t thread;
  start(thread, body);
  REQUIRE(pthread_join(thread, nullptr) == 0);
}

// Until it says that it waits.
NOINLINE void run_beside(void* (*body)(void*)) {
  pthread_t thread;
  start(thread, body);
  while (sem_wait(&g_ready) != 0) {
  }
  REQUIRE(pthread_detach(thread) == 0);
}

[[noreturn]] NOINLINE void wait_for_ever() {
  REQUIRE(sem_post(&g_ready) == 0);
  for (;;) pause();
}

void* clean(void*) {
  for (int i = 0; i < 100; ++i) free(block(100 + i));
  return nullptr;
}

void* lose(void*) {
  block(100);
  return nullptr;
}

void* give(void*) {
  return block(100);
}

void* use_variable(void*) {
  t_slot = block(100);
  keep(&t_slot);
  return nullptr;
}

void* use_key(void*) {
  pthread_key_t key;
  REQUIRE(pthread_key_create(&key, nullptr) == 0);
  REQUIRE(pthread_setspecific(key, block(100)) == 0);
  return nullptr;
}

// Leaves it deep in a stack that the C library keeps for the next thread.
void* leave_on_stack(void*) {
  void* volatile held[64];
  for (int i = 0; i < 64; ++i) held[i] = nullptr;
  held[32] = block(100);
  keep(const_cast<void**>(&held[0]));
  return nullptr;
}

void* hold_variable(void*) {
  t_slot = block(100);
  keep(&t_slot);
  wait_for_ever();
}

void* hold_on_stack(void*) {
  void* volatile held = block(100);
  keep(const_cast<void**>(&held));
  wait_for_ever();
}

void* hold_by_key(void*) {
  pthread_key_t key;
  REQUIRE(pthread_key_create(&key, nullptr) == 0);
  REQUIRE(pthread_setspecific(key, block(100)) == 0);
  wait_for_ever();
}

// Nowhere but in a register, in a system call that never returns.
void* hold_in_register(void*) {
  void* const held = block(100);
  REQUIRE(sem_post(&g_ready) == 0);
#if defined(__x86_64__)
  register void* rbx __asm__("rbx") = held;
  __asm__ volatile(
      "1: mov $34, %%eax\n\t"  // pause
      "syscall\n\t"
      "jmp 1b"
      :
      : "r"(rbx)
      : "rax", "rcx", "r11", "memory");
#else
  for (;;) keep(held), pause();
#endif
  return nullptr;
}

void* hold_and_block(void*) {
  sigset_t all;
  sigfillset(&all);
  REQUIRE(pthread_sigmask(SIG_SETMASK, &all, nullptr) == 0);
  return hold_on_stack(nullptr);
}

void* hold_and_wait_for_signals(void*) {
  sigset_t all;
  sigfillset(&all);
  REQUIRE(pthread_sigmask(SIG_SETMASK, &all, nullptr) == 0);
  void* volatile held = block(100);
  keep(const_cast<void**>(&held));
  REQUIRE(sem_post(&g_ready) == 0);
  for (;;) {
    int number = 0;
    sigwait(&all, &number);
  }
}

void* hold_and_run(void*) {
  void* volatile held = block(100);
  keep(const_cast<void**>(&held));
  REQUIRE(sem_post(&g_ready) == 0);
  for (;;) keep(held);
}

void* leave_from_here(void*) {
  block(100);
  exit(0);
}

NOINLINE void many_threads() {
  for (int i = 0; i < 20; ++i) run_beside(hold_on_stack);
}

template <void* (*body)(void*)>
NOINLINE void join() {
  run_and_join(body);
}

template <void* (*body)(void*)>
NOINLINE void beside() {
  run_beside(body);
}

}  // namespace

const leak_case g_thread_cases[] = {
    {"clean_threads", join<clean>},
    {"lost_thread", join<lose>},
    {"lost_thread_result", join<give>},
    {"lost_thread_variable", join<use_variable>},
    {"lost_thread_key", join<use_key>},
    {"lost_thread_stack", join<leave_on_stack>},
    {"lost_exit_in_thread", join<leave_from_here>, true},
    {"held_by_thread_variable", beside<hold_variable>},
    {"held_by_thread_stack", beside<hold_on_stack>},
    {"held_by_thread_key", beside<hold_by_key>},
    {"held_by_thread_register", beside<hold_in_register>},
    {"held_by_deaf_thread", beside<hold_and_block>},
    {"held_by_signal_thread", beside<hold_and_wait_for_signals>},
    {"held_by_running_thread", beside<hold_and_run>},
    {"held_by_many_threads", many_threads},
    {nullptr, nullptr},
};
