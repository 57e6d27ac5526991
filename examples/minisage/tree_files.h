/* SPDX-License-Identifier: Apache-2.0
 *
 * All tree files of the run, open from its start to its end, and where in them
 * each forest lies.  Forests are numbered over all files, from 0.
 */
#ifndef MINISAGE_TREE_FILES_H
#define MINISAGE_TREE_FILES_H

#include <stdint.h>

#include "parameters.h"
#include "stream.h"

struct forest_place {
  int32_t file; /* in tree_files::streams */
  int32_t nhalos;
  int64_t offset; /* of the first halo, in bytes */
};

struct tree_files {
  int32_t count;
  int32_t snapshots; /* that a halo may be of */
  struct stream* streams;
  struct forest_place* places;
  int64_t forests;
  int64_t halos;
};

struct tree_files open_tree_files(const struct parameters* parameters);
void close_tree_files(struct tree_files* files);

/* The stream of the file that a forest lies in, at its first halo. */
struct stream* tree_file_at(struct tree_files* files,
                            const struct forest_place* place);

#endif
