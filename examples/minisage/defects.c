/* SPDX-License-Identifier: Apache-2.0 */
#include "defects.h"

#include <string.h>

#include "mymalloc.h"

const struct defects kNoDefects = {
    .huge_forest = -1, .huge_factor = 1, .abort_at = -1};

bool defect_leaks(const struct defects* defects, int64_t forest) {
  for (int i = 0; i < defects->nleaks; i++)
    if (defects->leaks[i] == forest) return true;
  return defects->leak_every > 0 && forest % defects->leak_every == 0;
}

int32_t defect_huge_factor(const struct defects* defects, int64_t forest) {
  return forest == defects->huge_forest ? defects->huge_factor : 1;
}

void plant_temporaries(const struct defects* defects, int32_t halo) {
  for (int32_t i = 0; i < defects->temporary; i++) {
    /* A handful of sizes, as a real scratch array has. */
    const size_t size = 64 + 32 * ((size_t)(halo + i) % 8);
    void* scratch = mymalloc(size);
    memset(scratch, 0, size); /* what is never written may be optimised away */
    myfree(scratch);
  }
}
