/* SPDX-License-Identifier: Apache-2.0
 *
 * The moments at which the simulation was written: scale factors from
 * FileWithSnapList, one a line, and what follows from them.
 */
#ifndef MINISAGE_SNAPSHOTS_H
#define MINISAGE_SNAPSHOTS_H

#include "parameters.h"

struct snapshots {
  int count;
  double* redshift;
  double* age;    /* of the universe, in units of 1/H0 */
  double* hubble; /* H(z)/H0 */
};

struct snapshots load_snapshots(const struct parameters* parameters);
void free_snapshots(struct snapshots* snapshots);

#endif
