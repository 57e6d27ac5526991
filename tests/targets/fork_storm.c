// SPDX-License-Identifier: Apache-2.0
//
// Forks while other threads fill the trace as fast as they can, so that many a
// child is born while a writer of its parent is between two segments.  Each
// child allocates and ends; one that does not end well is counted.
//
// usage: fork_storm CHILDREN
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "support.h"

enum { kThreads = 3, kDepth = 60 };

static atomic_int g_is_over;

// Some hundred bytes of stack for each event: the branches differ.
static NOINLINE void allocate_below(int depth, unsigned* state) {
  if (depth == 0) {
    free(keep(malloc(100000 + next_random(state) % 30000)));
  } else if (next_random(state) % 2 != 0) {
    allocate_below(depth - 1, state);
  } else {
    allocate_below(depth - 1, state);
    keep(NULL);
  }
  keep(NULL);
}

static void* fill(void* argument) {
  unsigned state = *(unsigned*)argument;
  while (!atomic_load(&g_is_over)) allocate_below(kDepth, &state);
  return NULL;
}

static int has_child_ended_well(void) {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    free(keep(malloc(10)));
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  return status == 0;
}

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  static unsigned states[kThreads] = {1, 2, 3};
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    REQUIRE(!pthread_create(&threads[i], NULL, fill, &states[i]));
  }
  int failed = 0;
  for (int i = 0; i < atoi(argv[1]); ++i) failed += !has_child_ended_well();
  atomic_store(&g_is_over, 1);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  say("failed=%d\n", failed);
  return 0;
}
