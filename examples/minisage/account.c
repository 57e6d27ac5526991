/* SPDX-License-Identifier: Apache-2.0 */
#include "account.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mymalloc.h"
#include "stream.h"

/* As dprintf, which allocates a buffer for each call. */
static void print_to(int fd, const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (write(fd, text, (size_t)length) == length) return;
  fprintf(stderr, "minisage: account: %s\n", strerror(errno));
  exit(EXIT_FAILURE);
}

/* Blocks come forest by forest: a line is written when the next one begins. */
struct leak_printer {
  int fd;
  int64_t forest;
  uint64_t blocks; /* of this forest so far */
  uint64_t bytes;
  const char* separator;
};

static void print_forest(struct leak_printer* printer) {
  if (printer->blocks == 0) return;
  print_to(printer->fd,
           "%s\n    {\"forest\": %" PRId64 ", \"blocks\": %" PRIu64
           ", \"bytes\": %" PRIu64 "}",
           printer->separator, printer->forest, printer->blocks,
           printer->bytes);
  printer->separator = ",";
}

static void print_block(int64_t forest, size_t size, void* context) {
  struct leak_printer* printer = context;
  if (forest != printer->forest) {
    print_forest(printer);
    printer->forest = forest;
    printer->blocks = printer->bytes = 0;
  }
  printer->blocks++;
  printer->bytes += size;
}

static void count_block(int64_t forest, size_t size, void* context) {
  (void)forest;
  (void)size;
  ++*(uint64_t*)context;
}

static void print_number(int fd, const char* name, uint64_t value) {
  print_to(fd, "  \"%s\": %" PRIu64 ",\n", name, value);
}

static void print_account(int fd) {
  const struct memory_account account = mymalloc_account();
  uint64_t live_blocks = 0;
  mymalloc_visit_live(count_block, &live_blocks);
  print_to(fd, "{\n");
  print_number(fd, "allocations", account.allocations);
  print_number(fd, "reallocations", account.reallocations);
  print_number(fd, "frees", account.frees);
  print_number(fd, "bytes_allocated", account.bytes_allocated);
  print_number(fd, "high_mark_bytes", account.high_mark_bytes);
  print_number(fd, "streams_opened", streams_opened());
  print_number(fd, "streams_closed", streams_closed());
  print_number(fd, "leaked_blocks", live_blocks);
  print_number(fd, "leaked_bytes", account.live_bytes);
  print_to(fd, "  \"leaks\": [");
  struct leak_printer printer = {.fd = fd, .forest = -1, .separator = ""};
  mymalloc_visit_live(print_block, &printer);
  print_forest(&printer);
  print_to(fd, "]\n}\n");
}

void write_account(const char* path) {
  fflush(stdout);
  if (strcmp(path, "-") == 0) {
    print_account(STDOUT_FILENO);
    return;
  }
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0) {
    fprintf(stderr, "minisage: %s: %s\n", path, strerror(errno));
    exit(EXIT_FAILURE);
  }
  print_account(fd);
  close(fd);
}
