/* SPDX-License-Identifier: Apache-2.0
 *
 * A run of the model: what stays the same from the first forest to the last.
 *
 *   main > run_sage > sage_per_forest > load_forest
 *                                       construct_galaxies > evolve_galaxies
 *                                       save_galaxies
 */
#ifndef MINISAGE_SAGE_H
#define MINISAGE_SAGE_H

#include <stdint.h>

#include "defects.h"
#include "parameters.h"
#include "snapshots.h"

struct galaxy_files;
struct tree_files;

struct run {
  struct parameters parameters;
  struct snapshots snapshots;
  struct defects defects;
  const char* account_path; /* NULL: no account wanted */
};

struct run_totals {
  int64_t forests;
  int64_t halos;
  int64_t galaxies; /* written, in all snapshots */
};

struct run_totals run_sage(const struct run* run);

void sage_per_forest(int64_t number, const struct run* run,
                     struct tree_files* trees, struct galaxy_files* output);

#endif
