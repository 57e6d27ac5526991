/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* fseeko */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mymalloc.h"

enum { STREAM_BUFFER = 64 * 1024 };

static uint64_t opened;
static uint64_t closed;

static _Noreturn void die(const char* what, const char* why) {
  fprintf(stderr, "minisage: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

struct stream open_stream(const char* path, const char* mode) {
  struct stream stream = {.file = fopen(path, mode)};
  if (stream.file == NULL) die(path, strerror(errno));
  opened++;
  snprintf(stream.path, sizeof(stream.path), "%s", path);
  stream.buffer = mymalloc(STREAM_BUFFER);
  setvbuf(stream.file, stream.buffer, _IOFBF, STREAM_BUFFER);
  return stream;
}

void read_exactly(struct stream* stream, void* bytes, size_t size) {
  if (fread(bytes, 1, size, stream->file) != size)
    die(stream->path,
        ferror(stream->file) ? strerror(errno) : "shorter than it says");
}

void write_exactly(struct stream* stream, const void* bytes, size_t size) {
  if (fwrite(bytes, 1, size, stream->file) != size)
    die(stream->path, strerror(errno));
}

void seek_stream(struct stream* stream, int64_t offset) {
  if (fseeko(stream->file, (off_t)offset, SEEK_SET) != 0)
    die(stream->path, strerror(errno));
}

void close_stream(struct stream* stream) {
  if (fclose(stream->file) != 0) die(stream->path, strerror(errno));
  closed++;
  myfree(stream->buffer);
  *stream = (struct stream){0};
}

uint64_t streams_opened(void) {
  return opened;
}

uint64_t streams_closed(void) {
  return closed;
}
