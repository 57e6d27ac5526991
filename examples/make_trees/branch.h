// SPDX-License-Identifier: Apache-2.0
//
// The branches of a forest, before they become halos.  forest.h has the
// picture.
#pragma once

#include <cstdint>
#include <vector>

#include "random.h"

namespace make_trees {

struct Branch {
  int born = 0;
  int infall = 0;  // first snapshot as a satellite; kSnapshots: never
  int gone = 0;    // first snapshot without it; kSnapshots: lives on
  int host = -1;   // index of the branch that it falls into; -1: main branch
  double peak_particles = 0;    // at the last snapshot before infall
  double growth = 0;            // per snapshot, before
  double stripping = 0;         // per snapshot, after
  std::int32_t first_halo = 0;  // index of its latest halo

  [[nodiscard]] bool lives_at(int snapshot) const {
    return born <= snapshot && snapshot < gone;
  }
  [[nodiscard]] bool is_satellite_at(int snapshot) const {
    return snapshot >= infall;
  }
  [[nodiscard]] std::int32_t halo_at(int snapshot) const {
    return first_halo + (gone - 1 - snapshot);
  }
  [[nodiscard]] double particles_at(int snapshot) const;
};

// The main branch is number 0; hosts precede their satellites.  Some fall in
// with a host that later falls in itself, none deeper.
std::vector<Branch> make_branches(Random& random, std::int32_t halos);

}  // namespace make_trees
