/* SPDX-License-Identifier: Apache-2.0
 *
 * A galaxy, in the units of the trees: masses in 1e10 Msun/h, times in units of
 * the Hubble time 1/H0.
 */
#ifndef MINISAGE_GALAXY_H
#define MINISAGE_GALAXY_H

#include <stdint.h>

enum galaxy_type {
  CENTRAL = 0,   /* of its FOF group */
  SATELLITE = 1, /* with a halo of its own */
  ORPHAN = 2,    /* its halo is gone; it will merge into the central */
};

struct galaxy {
  int32_t id;   /* number in its forest */
  int32_t type; /* enum galaxy_type */
  int32_t snapshot;
  int32_t halo; /* that it sits in; of an orphan: that it fell into */
  int32_t mergers;
  double mvir;
  double hot_gas;
  double cold_gas;
  double stellar_mass;
  double star_formation_rate;
  double merge_time; /* left until it merges; of orphans */
  float position[3];
  float velocity[3];
};

#endif
