// SPDX-License-Identifier: Apache-2.0
//
// A program that names its scopes itself: nested ones, in two threads, with
// notes, a snapshot, and a fork child that goes on in its parent's scope.
#include <pthread.h>
#include <sys/wait.h>

#include "sagemem.h"
#include "support.h"

enum { kForests = 5 };

static void* volatile leaked;

NOINLINE static void grow(int64_t forest) {
  void* blocks[4];
  sagemem_scope_begin("grow", forest * 10);
  for (int i = 0; i < 4; ++i) blocks[i] = keep(malloc(100));
  for (int i = 0; i < 4; ++i) free(blocks[i]);
  sagemem_scope_end();
}

NOINLINE static void process(int64_t forest) {
  sagemem_scope_begin("forest", forest);
  sagemem_note("nhalos", 1000 + forest);
  void* halos = keep(malloc(1000));
  grow(forest);
  if (forest == 3) leaked = keep(malloc(77));
  free(halos);
  sagemem_scope_end();
}

static void* run_thread(void* unused) {
  process(100);
  return unused;
}

int main(void) {
  for (int64_t forest = 0; forest < kForests; ++forest) process(forest);
  sagemem_snapshot("after the forests");

  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, run_thread, NULL) == 0);
  REQUIRE(pthread_join(thread, NULL) == 0);

  sagemem_scope_begin("parent", 7);
  const pid_t child = fork();
  if (child == 0) {
    free(keep(malloc(5000)));
    sagemem_scope_end();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child && status == 0);
  sagemem_scope_end();
  sagemem_scope_end();  // of none: nothing happens
  say("child=%d\n", child);
  return 0;
}
