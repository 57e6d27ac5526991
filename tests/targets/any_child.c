// SPDX-License-Identifier: Apache-2.0
//
// Has no children and looks for some: whoever waits for any child, as shells
// and servers do, must not find one that the recorder started.
//
// usage: any_child BLOCKS
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "support.h"

#ifndef __WALL
#define __WALL 0x40000000
#endif

static volatile sig_atomic_t g_signals;

static void count(int signal) {
  (void)signal;
  ++g_signals;
}

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  REQUIRE(signal(SIGCHLD, count) != SIG_ERR);
  for (long i = atol(argv[1]); i > 0; --i) {
    errno = 0;
    free(keep(malloc((size_t)i % 500)));
    REQUIRE(errno == 0);
  }
  REQUIRE(wait(NULL) == -1 && errno == ECHILD);
  REQUIRE(waitpid(-1, NULL, WNOHANG | __WALL) == -1 && errno == ECHILD);
  REQUIRE(g_signals == 0);
  return 0;
}
