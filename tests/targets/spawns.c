// SPDX-License-Identifier: Apache-2.0
//
// Starts another program in one of the ways that there are, allocating before
// and after.
//
// usage: spawns fork|vfork|posix_spawn|system|popen|exec PROGRAM
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "support.h"

extern char** environ;

static int wait_for(pid_t pid) {
  int status = 0;
  REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
  return status;
}

static int with_fork(char** argv) {
  const pid_t pid = fork();
  if (pid == 0) {
    free(keep(malloc(50)));
    execv(argv[0], argv);
    _exit(97);
  }
  return wait_for(pid);
}

static int with_vfork(char** argv) {
  const pid_t pid = vfork();
  if (pid == 0) {
    execve(argv[0], argv, environ);
    _exit(97);
  }
  return wait_for(pid);
}

static int with_posix_spawn(char** argv) {
  pid_t pid = 0;
  REQUIRE(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0);
  return wait_for(pid);
}

static int with_popen(char** argv) {
  FILE* pipe = popen(argv[0], "r");
  REQUIRE(pipe != NULL);
  char line[256];
  while (fgets(line, sizeof line, pipe) != NULL) say("%s", line);
  return pclose(pipe);
}

static int start(const char* way, char** argv) {
  if (strcmp(way, "fork") == 0) return with_fork(argv);
  if (strcmp(way, "vfork") == 0) return with_vfork(argv);
  if (strcmp(way, "posix_spawn") == 0) return with_posix_spawn(argv);
  if (strcmp(way, "system") == 0) return system(argv[0]);
  if (strcmp(way, "popen") == 0) return with_popen(argv);
  REQUIRE(strcmp(way, "exec") == 0);
  execvp(argv[0], argv);
  return 97;
}

int main(int argc, char** argv) {
  REQUIRE(argc == 3);
  free(keep(malloc(100)));
  const int status = start(argv[1], argv + 2);
  free(keep(malloc(200)));
  say("status=%d\n", status);
  return 0;
}
