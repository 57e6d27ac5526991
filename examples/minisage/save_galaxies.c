/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* mkdir */
#include "save_galaxies.h"

#include <stdio.h>
#include <sys/stat.h>

#include "mymalloc.h"

static size_t header_bytes(int64_t forests) {
  return (2 + (size_t)forests) * sizeof(int32_t);
}

static void open_galaxy_file(struct galaxy_file* file, const struct run* run,
                             int32_t snapshot, int64_t forests) {
  const struct parameters* parameters = &run->parameters;
  char path[MAX_PATH];
  snprintf(path, sizeof(path), "%s/%s_z%.3f_%d", parameters->output_dir,
           parameters->file_name_galaxies, run->snapshots.redshift[snapshot],
           parameters->first_file);
  file->stream = open_stream(path, "wb");
  file->snapshot = snapshot;
  file->galaxies_of_forest =
      mycalloc((size_t)forests, sizeof(*file->galaxies_of_forest));
  /* The header comes last, when its numbers are known. */
  seek_stream(&file->stream, (int64_t)header_bytes(forests));
}

struct galaxy_files open_galaxy_files(const struct run* run, int64_t forests) {
  const int count = run->parameters.num_outputs;
  struct galaxy_files output = {.count = count, .forests = forests};
  mkdir(run->parameters.output_dir, 0777); /* most often it is there */
  output.files = mycalloc((size_t)count, sizeof(*output.files));
  for (int i = 0; i < count; i++)
    open_galaxy_file(&output.files[i], run, run->parameters.output_snapshots[i],
                     forests);
  return output;
}

static struct galaxy_row row_of(const struct galaxy* galaxy, int64_t forest) {
  struct galaxy_row row = {
      .forest = (int32_t)forest,
      .galaxy = galaxy->id,
      .type = galaxy->type,
      .snapshot = galaxy->snapshot,
      .halo = galaxy->halo,
      .mergers = galaxy->mergers,
      .mvir = (float)galaxy->mvir,
      .hot_gas = (float)galaxy->hot_gas,
      .cold_gas = (float)galaxy->cold_gas,
      .stellar_mass = (float)galaxy->stellar_mass,
      .star_formation_rate = (float)galaxy->star_formation_rate,
  };
  for (int axis = 0; axis < 3; axis++) {
    row.position[axis] = galaxy->position[axis];
    row.velocity[axis] = galaxy->velocity[axis];
  }
  return row;
}

static void save_snapshot(struct galaxy_file* file,
                          const struct forest* forest) {
  int32_t count = 0;
  for (int32_t i = 0; i < forest->numgals; i++)
    if (forest->halo_gal[i].snapshot == file->snapshot) count++;
  if (count == 0) return;

  struct galaxy_row* rows = mymalloc((size_t)count * sizeof(*rows));
  int32_t row = 0;
  for (int32_t i = 0; i < forest->numgals; i++)
    if (forest->halo_gal[i].snapshot == file->snapshot)
      rows[row++] = row_of(&forest->halo_gal[i], forest->number);
  write_exactly(&file->stream, rows, (size_t)count * sizeof(*rows));
  myfree(rows);
  file->galaxies_of_forest[forest->number] = count;
  file->galaxies += count;
}

void save_galaxies(struct galaxy_files* output, const struct forest* forest) {
  for (int i = 0; i < output->count; i++)
    save_snapshot(&output->files[i], forest);
}

int64_t close_galaxy_files(struct galaxy_files* output) {
  int64_t galaxies = 0;
  for (int i = 0; i < output->count; i++) {
    struct galaxy_file* file = &output->files[i];
    const int32_t counts[2] = {(int32_t)output->forests, file->galaxies};
    seek_stream(&file->stream, 0);
    write_exactly(&file->stream, counts, sizeof(counts));
    write_exactly(&file->stream, file->galaxies_of_forest,
                  header_bytes(output->forests) - sizeof(counts));
    galaxies += file->galaxies;
    myfree(file->galaxies_of_forest);
    close_stream(&file->stream);
  }
  myfree(output->files);
  *output = (struct galaxy_files){0};
  return galaxies;
}
