/* SPDX-License-Identifier: Apache-2.0
 *
 * stdio streams whose buffers come from mymalloc.  What is left to the C
 * library is one block for each FILE; the counts below say how many.
 */
#ifndef MINISAGE_STREAM_H
#define MINISAGE_STREAM_H

#include <stdint.h>
#include <stdio.h>

enum { MAX_PATH = 1100 }; /* two texts of a parameter file and a suffix */

struct stream {
  FILE* file;
  char* buffer;
  char path[MAX_PATH]; /* for messages */
};

/* Prints why and ends the program when the file cannot be opened. */
struct stream open_stream(const char* path, const char* mode);

/* The same when not all bytes can be had. */
void read_exactly(struct stream* stream, void* bytes, size_t size);
void write_exactly(struct stream* stream, const void* bytes, size_t size);
void seek_stream(struct stream* stream, int64_t offset);

void close_stream(struct stream* stream);

uint64_t streams_opened(void);
uint64_t streams_closed(void);

#endif
