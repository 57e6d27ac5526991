/* SPDX-License-Identifier: Apache-2.0
 *
 * One forest at work: the halos as they came from the tree file and the
 * galaxies made in them.
 *
 *   halos     [nhalos]    as in the file
 *   halo_aux  [nhalos]    per halo: its slice of halo_gal, and progress
 *   halo_gal  [maxgals]   finished galaxies, halo by halo
 *   gal       [maxgals]   the galaxies of the one FOF group being evolved
 *
 * The two galaxy arrays grow together, by a fixed step, when either is full.
 * Hazard: growing moves them, so no pointer into them is kept over a call that
 * may add a galaxy.
 */
#ifndef MINISAGE_FOREST_H
#define MINISAGE_FOREST_H

#include <stdbool.h>
#include <stdint.h>

#include "galaxy.h"
#include "lhalo_tree.h"
#include "sage.h"
#include "tree_files.h"

struct halo_aux {
  int32_t first_galaxy; /* in halo_gal */
  int32_t ngalaxies;
  bool is_done;        /* construct_galaxies has been here */
  bool is_group_built; /* of centres of FOF groups */
};

struct forest {
  int64_t number;
  int32_t nhalos;
  struct halo_data* halos;
  struct halo_aux* halo_aux;
  struct galaxy* halo_gal;
  struct galaxy* gal;
  int32_t numgals; /* in halo_gal */
  int32_t maxgals;
  int32_t growth_step;
  int32_t galaxies_born; /* for their ids */
};

/* Reads the halos of a forest into a block that the caller frees with myfree.
 * Returns how many they are. */
int32_t load_forest(struct tree_files* files, int64_t number,
                    struct halo_data** halos);

/* Makes the galaxies of a halo, of its FOF group and, first, of everything that
 * the group descends from. */
void construct_galaxies(const struct run* run, struct forest* forest,
                        int32_t halo);

/* Evolves gal[0, ngal), the galaxies of the FOF group of `centre`, to the
 * group's snapshot, and moves those that survive to halo_gal. */
void evolve_galaxies(const struct run* run, struct forest* forest,
                     int32_t centre, int32_t ngal);

void grow_galaxy_arrays(struct forest* forest);

#endif
