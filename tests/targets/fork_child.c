// SPDX-License-Identifier: Apache-2.0
//
// A parent that forks N children without exec (default 1).  Each allocates on
// its own; the children also free a block of the parent.
//
// usage: fork_child [CHILDREN]
#include <sys/wait.h>

#include "support.h"

enum { kParentBlocks = 50, kChildBlocks = 20 };

static NOINLINE void* allocate_in_parent(size_t bytes) {
  return keep(malloc(bytes));
}

static NOINLINE void* allocate_in_child(size_t bytes) {
  return keep(malloc(bytes));
}

static int run_child(void* inherited) {
  for (int i = 0; i < kChildBlocks; ++i) free(allocate_in_child(1000));
  free(inherited);
  return 3;
}

int main(int argc, char** argv) {
  const int children = argc > 1 ? atoi(argv[1]) : 1;
  void* inherited = allocate_in_parent(10);
  for (int i = 0; i < children; ++i) {
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) return run_child(inherited);
    int status = 0;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 3);
  }
  for (int i = 1; i < kParentBlocks; ++i) free(allocate_in_parent(100));
  free(inherited);
  say("children=%d\n", children);
  return 0;
}
