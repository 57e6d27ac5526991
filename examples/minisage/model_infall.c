/* SPDX-License-Identifier: Apache-2.0 */
#include "physics.h"

double baryons_of(const struct galaxy* galaxy) {
  return galaxy->hot_gas + galaxy->cold_gas + galaxy->stellar_mass;
}

void infall(const struct parameters* parameters, struct galaxy* central,
            double group_baryons, double share) {
  const double missing =
      parameters->baryon_fraction * central->mvir - group_baryons;
  if (missing > 0) central->hot_gas += share * missing;
}
