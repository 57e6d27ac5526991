/* SPDX-License-Identifier: Apache-2.0
 *
 * Depth first through the trees: before the galaxies of a FOF group can be
 * evolved over one snapshot interval, those of all progenitors of all its halos
 * must be there.  The recursion is as deep as the trees have snapshots.
 */
#include "forest.h"
#include "mymalloc.h"

/* Of a satellite: how long it lives as an orphan, in dynamical times. */
static const double kMergeTimes = 3.0;

void grow_galaxy_arrays(struct forest* forest) {
  forest->maxgals += forest->growth_step;
  const size_t size = (size_t)forest->maxgals * sizeof(struct galaxy);
  forest->gal = myrealloc(forest->gal, size);
  forest->halo_gal = myrealloc(forest->halo_gal, size);
}

static void construct_progenitors(const struct run* run, struct forest* forest,
                                  int32_t halo) {
  int32_t progenitor = forest->halos[halo].FirstProgenitor;
  while (progenitor >= 0) {
    if (!forest->halo_aux[progenitor].is_done)
      construct_galaxies(run, forest, progenitor);
    progenitor = forest->halos[progenitor].NextProgenitor;
  }
}

static int32_t add_galaxy(struct forest* forest, int32_t ngal,
                          const struct galaxy* galaxy) {
  if (ngal == forest->maxgals) grow_galaxy_arrays(forest);
  forest->gal[ngal] = *galaxy;
  return ngal + 1;
}

/* Puts the galaxy that leads a halo into that halo's present state. */
static void settle(const struct run* run, const struct forest* forest,
                   struct galaxy* galaxy, int32_t halo) {
  const struct halo_data* data = &forest->halos[halo];
  galaxy->halo = halo;
  galaxy->type = data->FirstHaloInFOFgroup == halo ? CENTRAL : SATELLITE;
  if (galaxy->type == CENTRAL) /* a satellite keeps the mass it fell in with */
    galaxy->mvir =
        data->Mvir > 0 ? data->Mvir : data->Len * run->parameters.part_mass;
  for (int axis = 0; axis < 3; axis++) {
    galaxy->position[axis] = data->Pos[axis];
    galaxy->velocity[axis] = data->Vel[axis];
  }
}

/* Appends the galaxies of a halo's progenitors to gal.  The first progenitor's
 * own galaxy leads the halo; those of the others have lost theirs. */
static int32_t join_galaxies_of_progenitors(const struct run* run,
                                            struct forest* forest, int32_t halo,
                                            int32_t ngal) {
  const struct halo_data* data = &forest->halos[halo];
  const double merge_time =
      kMergeTimes * 0.1 / run->snapshots.hubble[data->SnapNum];
  for (int32_t progenitor = data->FirstProgenitor; progenitor >= 0;
       progenitor = forest->halos[progenitor].NextProgenitor) {
    const struct halo_aux* aux = &forest->halo_aux[progenitor];
    for (int32_t i = 0; i < aux->ngalaxies; i++) {
      struct galaxy galaxy = forest->halo_gal[aux->first_galaxy + i];
      if (galaxy.type != ORPHAN && progenitor == data->FirstProgenitor) {
        settle(run, forest, &galaxy, halo);
      } else if (galaxy.type != ORPHAN) {
        galaxy.type = ORPHAN;
        galaxy.merge_time = merge_time;
      }
      galaxy.halo = halo;
      ngal = add_galaxy(forest, ngal, &galaxy);
    }
  }
  if (data->FirstProgenitor < 0) {
    struct galaxy galaxy = {.id = forest->galaxies_born++};
    settle(run, forest, &galaxy, halo);
    ngal = add_galaxy(forest, ngal, &galaxy);
  }
  return ngal;
}

void construct_galaxies(const struct run* run, struct forest* forest,
                        int32_t halo) {
  forest->halo_aux[halo].is_done = true;
  plant_temporaries(&run->defects, halo);
  construct_progenitors(run, forest, halo);

  const int32_t centre = forest->halos[halo].FirstHaloInFOFgroup;
  if (forest->halo_aux[centre].is_group_built) return;
  forest->halo_aux[centre].is_group_built = true;

  int32_t ngal = 0;
  for (int32_t member = centre; member >= 0;
       member = forest->halos[member].NextHaloInFOFgroup)
    construct_progenitors(run, forest, member);
  for (int32_t member = centre; member >= 0;
       member = forest->halos[member].NextHaloInFOFgroup)
    ngal = join_galaxies_of_progenitors(run, forest, member, ngal);
  evolve_galaxies(run, forest, centre, ngal);
}
