/* SPDX-License-Identifier: Apache-2.0
 *
 * The physics: toys with the right arguments, one file each.  Every function
 * moves mass between the reservoirs of galaxies over a time `dt` and never
 * creates any but by infall.
 */
#ifndef MINISAGE_PHYSICS_H
#define MINISAGE_PHYSICS_H

#include "galaxy.h"
#include "parameters.h"

/* Hot gas for the central, until the group holds the cosmic share of baryons;
 * `share` of what is missing arrives now. */
void infall(const struct parameters* parameters, struct galaxy* central,
            double group_baryons, double share);

double baryons_of(const struct galaxy* galaxy);

void cool_gas(struct galaxy* galaxy, double dynamical_time, double dt);

/* Stars form from cold gas; their supernovae heat some of the rest. */
void form_stars(const struct parameters* parameters, struct galaxy* galaxy,
                double dynamical_time, double dt);

/* The orphan's mass goes to the central; a major merger sets off a burst. */
void merge_into(const struct parameters* parameters, struct galaxy* central,
                struct galaxy* orphan);

#endif
