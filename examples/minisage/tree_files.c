/* SPDX-License-Identifier: Apache-2.0 */
#include "tree_files.h"

#include <stdio.h>
#include <stdlib.h>

#include "lhalo_tree.h"
#include "mymalloc.h"

static _Noreturn void die(const struct stream* stream, const char* why) {
  fprintf(stderr, "minisage: %s: %s\n", stream->path, why);
  exit(EXIT_FAILURE);
}

static void add_places(struct tree_files* files, int32_t file,
                       const int32_t* nhalos, int32_t count) {
  const int64_t total = files->forests + count;
  files->places =
      myrealloc(files->places, (size_t)total * sizeof(*files->places));
  int64_t offset = (2 + (int64_t)count) * (int64_t)sizeof(int32_t);
  for (int32_t i = 0; i < count; i++) {
    if (nhalos[i] < 0) die(&files->streams[file], "not a tree file");
    files->places[files->forests++] =
        (struct forest_place){file, nhalos[i], offset};
    files->halos += nhalos[i];
    offset += nhalos[i] * (int64_t)sizeof(struct halo_data);
  }
}

static void read_header(struct tree_files* files, int32_t file) {
  struct stream* stream = &files->streams[file];
  struct {
    int32_t forests;
    int32_t halos;
  } header;
  read_exactly(stream, &header, sizeof(header));
  if (header.forests < 0) die(stream, "not a tree file");
  const size_t size = (size_t)header.forests * sizeof(int32_t);
  int32_t* nhalos = mymalloc(size);
  read_exactly(stream, nhalos, size);
  const int64_t before = files->halos;
  add_places(files, file, nhalos, header.forests);
  if (files->halos - before != header.halos)
    die(stream, "header counts disagree");
  myfree(nhalos);
}

struct tree_files open_tree_files(const struct parameters* parameters) {
  const int32_t count = parameters->last_file - parameters->first_file + 1;
  struct tree_files files = {
      .count = count,
      .snapshots = parameters->last_snapshot + 1,
      .streams = mycalloc((size_t)count, sizeof(*files.streams))};
  for (int32_t i = 0; i < count; i++) {
    char path[MAX_PATH];
    snprintf(path, sizeof(path), "%s/%s.%d", parameters->simulation_dir,
             parameters->tree_name, (int)(parameters->first_file + i));
    files.streams[i] = open_stream(path, "rb");
    read_header(&files, i);
  }
  return files;
}

void close_tree_files(struct tree_files* files) {
  for (int32_t i = 0; i < files->count; i++) close_stream(&files->streams[i]);
  myfree(files->places);
  myfree(files->streams);
  *files = (struct tree_files){0};
}

struct stream* tree_file_at(struct tree_files* files,
                            const struct forest_place* place) {
  struct stream* stream = &files->streams[place->file];
  seek_stream(stream, place->offset);
  return stream;
}
