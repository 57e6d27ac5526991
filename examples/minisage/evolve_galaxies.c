/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "forest.h"
#include "physics.h"

enum { STEPS = 10 }; /* of each snapshot interval */

static bool has_merged(const struct galaxy* galaxy) {
  return galaxy->type == ORPHAN && galaxy->merge_time <= 0;
}

static double baryons_of_group(const struct galaxy* gal, int32_t ngal) {
  double baryons = 0;
  for (int32_t i = 0; i < ngal; i++) baryons += baryons_of(&gal[i]);
  return baryons;
}

static void step(const struct run* run, struct galaxy* gal, int32_t ngal,
                 double dynamical_time, double dt) {
  struct galaxy* central = &gal[0]; /* the leader of the group's centre */
  for (int32_t i = 0; i < ngal; i++) {
    struct galaxy* galaxy = &gal[i];
    if (has_merged(galaxy)) continue;
    cool_gas(galaxy, dynamical_time, dt);
    form_stars(&run->parameters, galaxy, dynamical_time, dt);
    if (galaxy->type != ORPHAN) continue;
    galaxy->merge_time -= dt;
    if (has_merged(galaxy)) merge_into(&run->parameters, central, galaxy);
  }
}

/* Galaxies of one halo stand together in gal and so in halo_gal. */
static void keep(struct forest* forest, const struct galaxy* galaxy,
                 int32_t snapshot) {
  struct galaxy kept = *galaxy;
  kept.snapshot = snapshot;
  if (forest->numgals == forest->maxgals) grow_galaxy_arrays(forest);
  struct halo_aux* aux = &forest->halo_aux[kept.halo];
  if (aux->ngalaxies++ == 0) aux->first_galaxy = forest->numgals;
  forest->halo_gal[forest->numgals++] = kept;
}

void evolve_galaxies(const struct run* run, struct forest* forest,
                     int32_t centre, int32_t ngal) {
  const struct snapshots* snapshots = &run->snapshots;
  const int32_t snapshot = forest->halos[centre].SnapNum;
  const double before = snapshot > 0 ? snapshots->age[snapshot - 1] : 0;
  const double dt = (snapshots->age[snapshot] - before) / STEPS;
  const double dynamical_time = 0.1 / snapshots->hubble[snapshot];

  const double baryons = baryons_of_group(forest->gal, ngal);
  for (int i = 0; i < STEPS; i++) {
    infall(&run->parameters, &forest->gal[0], baryons, 1.0 / STEPS);
    step(run, forest->gal, ngal, dynamical_time, dt);
  }
  for (int32_t i = 0; i < ngal; i++)
    if (!has_merged(&forest->gal[i])) keep(forest, &forest->gal[i], snapshot);
}
