/* SPDX-License-Identifier: Apache-2.0
 *
 * The galaxy files, one for each output snapshot, named
 * OutputDir/FileNameGalaxies_z<redshift>_<FirstFile>.  Little endian:
 *
 *   int32  number of forests
 *   int32  number of galaxies
 *   int32  galaxies of each forest
 *   struct galaxy_row[]  forest after forest
 */
#ifndef MINISAGE_SAVE_GALAXIES_H
#define MINISAGE_SAVE_GALAXIES_H

#include <assert.h>
#include <stdint.h>

#include "forest.h"
#include "stream.h"

struct galaxy_row {
  int32_t forest;
  int32_t galaxy; /* number in its forest, kept for life */
  int32_t type;
  int32_t snapshot;
  int32_t halo; /* in its forest */
  int32_t mergers;
  float mvir;
  float hot_gas;
  float cold_gas;
  float stellar_mass;
  float star_formation_rate;
  float position[3];
  float velocity[3];
};
static_assert(sizeof(struct galaxy_row) == 68, "as documented");

struct galaxy_file {
  struct stream stream;
  int32_t snapshot;
  int32_t galaxies;
  int32_t* galaxies_of_forest;
};

struct galaxy_files {
  int count;
  int64_t forests;
  struct galaxy_file* files;
};

struct galaxy_files open_galaxy_files(const struct run* run, int64_t forests);

void save_galaxies(struct galaxy_files* output, const struct forest* forest);

/* Writes the headers.  Returns how many galaxies were written in all. */
int64_t close_galaxy_files(struct galaxy_files* output);

#endif
