/* SPDX-License-Identifier: Apache-2.0
 *
 * Defects on request: the mistakes that codes of this kind make, so that one
 * can see what a profiler says of each.
 */
#ifndef MINISAGE_DEFECTS_H
#define MINISAGE_DEFECTS_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_LEAKS = 64 };

struct defects {
  /* sage_per_forest returns early from these forests and skips its frees. */
  int64_t leaks[MAX_LEAKS];
  int nleaks;
  int64_t leak_every; /* 0: never; N: forests 0, N, 2N... */
  /* Galaxy arrays begin with so many galaxies and grow by as many; 0: as in a
   * sound run. */
  int32_t growth;
  /* So many blocks allocated and freed at once, for each halo. */
  int32_t temporary;
  /* This forest reserves `huge_factor` times the galaxies that it needs. */
  int64_t huge_forest; /* -1: none */
  int32_t huge_factor;
  /* abort() in the middle of this forest. */
  int64_t abort_at; /* -1: never */
};

extern const struct defects kNoDefects;

bool defect_leaks(const struct defects* defects, int64_t forest);
int32_t defect_huge_factor(const struct defects* defects, int64_t forest);
void plant_temporaries(const struct defects* defects, int32_t halo);

#endif
