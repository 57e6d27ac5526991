/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "forest.h"
#include "mymalloc.h"

static bool is_link(int32_t link, int32_t nhalos) {
  return link >= -1 && link < nhalos;
}

/* The rest of the program follows links without a further look.  Cycles would
 * hang it: they are not searched for here, make_trees --check finds them. */
static void check_links(const struct stream* stream, int64_t number,
                        const struct halo_data* halos, int32_t nhalos,
                        int32_t snapshots) {
  for (int32_t i = 0; i < nhalos; i++) {
    const struct halo_data* halo = &halos[i];
    if (is_link(halo->FirstProgenitor, nhalos) &&
        is_link(halo->NextProgenitor, nhalos) &&
        is_link(halo->FirstHaloInFOFgroup, nhalos) &&
        is_link(halo->NextHaloInFOFgroup, nhalos) &&
        halo->FirstHaloInFOFgroup >= 0 && halo->SnapNum >= 0 &&
        halo->SnapNum < snapshots)
      continue;
    fprintf(stderr, "minisage: %s: forest %lld: halo %d: bad link\n",
            stream->path, (long long)number, (int)i);
    exit(EXIT_FAILURE);
  }
}

int32_t load_forest(struct tree_files* files, int64_t number,
                    struct halo_data** halos) {
  const struct forest_place* place = &files->places[number];
  struct stream* stream = tree_file_at(files, place);
  const size_t size = (size_t)place->nhalos * sizeof(**halos);
  *halos = mymalloc(size);
  read_exactly(stream, *halos, size);
  check_links(stream, number, *halos, place->nhalos, files->snapshots);
  return place->nhalos;
}
