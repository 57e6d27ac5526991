/* SPDX-License-Identifier: Apache-2.0 */
#include "mymalloc.h"
#include "sage.h"
#include "save_galaxies.h"
#include "tree_files.h"

struct run_totals run_sage(const struct run* run) {
  struct tree_files trees = open_tree_files(&run->parameters);
  struct galaxy_files output = open_galaxy_files(run, trees.forests);
  struct run_totals totals = {.forests = trees.forests, .halos = trees.halos};

  for (int64_t forest = 0; forest < trees.forests; forest++)
    sage_per_forest(forest, run, &trees, &output);

  mymalloc_set_forest(-1);
  totals.galaxies = close_galaxy_files(&output);
  close_tree_files(&trees);
  return totals;
}
