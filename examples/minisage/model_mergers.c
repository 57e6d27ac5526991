/* SPDX-License-Identifier: Apache-2.0 */
#include "physics.h"

static const double kBurstShare = 0.4; /* of the cold gas */

void merge_into(const struct parameters* parameters, struct galaxy* central,
                struct galaxy* orphan) {
  const double larger = central->cold_gas + central->stellar_mass;
  const double smaller = orphan->cold_gas + orphan->stellar_mass;
  central->hot_gas += orphan->hot_gas;
  central->cold_gas += orphan->cold_gas;
  central->stellar_mass += orphan->stellar_mass;
  central->mergers++;
  orphan->hot_gas = orphan->cold_gas = orphan->stellar_mass = 0;
  if (smaller > parameters->thresh_major_merger * larger) {
    const double burst = kBurstShare * central->cold_gas;
    central->cold_gas -= burst;
    central->stellar_mass += burst;
  }
}
