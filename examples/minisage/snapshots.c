/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mymalloc.h"
#include "stream.h"

static double hubble_at(const struct parameters* parameters, double scale) {
  return sqrt(parameters->omega / (scale * scale * scale) +
              parameters->omega_lambda);
}

/* Age at a scale factor: the integral of da / (a H), by midpoints. */
static double age_at(const struct parameters* parameters, double scale) {
  enum { STEPS = 1000 };
  const double step = scale / STEPS;
  double age = 0;
  for (int i = 0; i < STEPS; i++) {
    const double middle = (i + 0.5) * step;
    age += step / (middle * hubble_at(parameters, middle));
  }
  return age;
}

struct snapshots load_snapshots(const struct parameters* parameters) {
  const int count = parameters->last_snapshot + 1;
  const size_t size = (size_t)count * sizeof(double);
  struct snapshots snapshots = {.count = count,
                                .redshift = mymalloc(size),
                                .age = mymalloc(size),
                                .hubble = mymalloc(size)};
  struct stream stream = open_stream(parameters->file_with_snap_list, "r");
  char line[MAX_TEXT];
  for (int i = 0; i < count; i++) {
    const double scale =
        fgets(line, sizeof(line), stream.file) != NULL ? strtod(line, NULL) : 0;
    if (!(scale > 0 && scale <= 1)) {
      fprintf(stderr, "minisage: %s: no scale factor for snapshot %d\n",
              stream.path, i);
      exit(EXIT_FAILURE);
    }
    snapshots.redshift[i] = 1 / scale - 1;
    snapshots.age[i] = age_at(parameters, scale);
    snapshots.hubble[i] = hubble_at(parameters, scale);
  }
  close_stream(&stream);
  return snapshots;
}

void free_snapshots(struct snapshots* snapshots) {
  myfree(snapshots->hubble);
  myfree(snapshots->age);
  myfree(snapshots->redshift);
  *snapshots = (struct snapshots){0};
}
