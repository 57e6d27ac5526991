/* SPDX-License-Identifier: Apache-2.0
 *
 * One forest from file to file.  All that it allocates it frees: the heap is as
 * before when it returns, unless a defect was asked for.
 */
#include <stdlib.h>

#include "account.h"
#include "forest.h"
#include "mymalloc.h"
#include "save_galaxies.h"

enum { GALAXY_STEP = 10000 };

/* A forest makes about as many galaxies as it has halos. */
static int32_t first_capacity(const struct run* run,
                              const struct forest* forest) {
  const struct defects* defects = &run->defects;
  if (defects->growth > 0) return defects->growth;
  const int64_t expected =
      forest->nhalos > GALAXY_STEP ? forest->nhalos : GALAXY_STEP;
  const int64_t capacity =
      expected * defect_huge_factor(defects, forest->number);
  return capacity < INT32_MAX ? (int32_t)capacity : INT32_MAX;
}

static _Noreturn void abort_run(const struct run* run) {
  if (run->account_path != NULL) write_account(run->account_path);
  abort();
}

void sage_per_forest(int64_t number, const struct run* run,
                     struct tree_files* trees, struct galaxy_files* output) {
  const struct defects* defects = &run->defects;
  struct forest forest = {.number = number};
  mymalloc_set_forest(number);

  forest.nhalos = load_forest(trees, number, &forest.halos);
  forest.growth_step = defects->growth > 0 ? defects->growth : GALAXY_STEP;
  forest.maxgals = first_capacity(run, &forest);
  forest.halo_aux = mycalloc((size_t)forest.nhalos, sizeof(*forest.halo_aux));
  forest.halo_gal = mymalloc((size_t)forest.maxgals * sizeof(*forest.halo_gal));
  forest.gal = mymalloc((size_t)forest.maxgals * sizeof(*forest.gal));

  for (int32_t halo = 0; halo < forest.nhalos; halo++)
    if (!forest.halo_aux[halo].is_done) construct_galaxies(run, &forest, halo);
  if (number == defects->abort_at) abort_run(run);

  save_galaxies(output, &forest);
  if (defect_leaks(defects, number)) return; /* skips the frees */

  myfree(forest.gal);
  myfree(forest.halo_gal);
  myfree(forest.halo_aux);
  myfree(forest.halos);
  mymalloc_set_forest(-1);
}
