// SPDX-License-Identifier: Apache-2.0
//
// What a daemon does: closes every file that it does not know, then opens files
// of its own, which get the same numbers again.  Whoever kept one of the old
// numbers would now write into the wrong file.  Prints the numbers and sizes.
//
// usage: closed_files DIRECTORY
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "support.h"

enum { kFiles = 40, kLastNumber = 2000 };

static void allocate_a_lot(void) {
  for (size_t i = 0; i < 200000; ++i) free(keep(malloc(i % 1000)));
}

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  allocate_a_lot();
  struct rlimit limit;
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  for (int fd = 3; fd < (int)limit.rlim_cur; ++fd) close(fd);
  int fds[kFiles];
  for (int i = 0; i < kFiles; ++i) {
    char path[4096];
    snprintf(path, sizeof path, "%s/file.%d", argv[1], i);
    fds[i] = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    REQUIRE(fds[i] >= 0 && write(fds[i], "twelve bytes", 12) == 12);
  }
  // And every other number, whichever it was.
  while (dup(fds[0]) >= 0 && fcntl(kLastNumber, F_GETFD) < 0) continue;
  allocate_a_lot();
  for (int i = 0; i < kFiles; ++i) {
    struct stat status;
    REQUIRE(fstat(fds[i], &status) == 0);
    say("fd %d: %ld bytes\n", fds[i], (long)status.st_size);
  }
  return 0;
}
