// SPDX-License-Identifier: Apache-2.0
//
// Makes up one forest: a group of halos that ends as one FOF group, with all
// that fell into it.
//
// A forest is made of branches; a branch is the life of one subhalo, a row of
// halos over successive snapshots:
//
//   born ...... infall ....... gone
//     centre of    satellite     first snapshot without it; its last halo's
//     its own      in the group  Descendant is the host's halo there, unless
//     FOF group    of its host   it lives to the end
//
//   snapshot   56 57 58 59 60 61 62 63
//   main        o--o--o--o--o--o--o--o     born 56, host of both
//   branch 1       o--o--s--s--+           infall 59, gone 61: a merger
//   branch 2             o--o--s--s--s     infall 61, lives on
//
// Halos are stored branch by branch, latest snapshot first, the main branch
// first: halo 0 is the centre of the final group.  Every branch is the centre
// of a group for a snapshot at least, so that it gets a galaxy.
#pragma once

#include <cstdint>
#include <vector>

#include "lhalo_tree.h"

namespace make_trees {

struct ForestOptions {
  std::uint64_t seed = 1;
  std::int64_t number = 0;  // of the forest, over all files
  std::int32_t file = 0;
  std::int32_t halos = 0;  // wanted; what comes is this or a few more
};

inline constexpr double kParticleMass = 0.0860657;  // 1e10 Msun/h
inline constexpr double kBoxSize = 62.5;            // Mpc/h
inline constexpr std::int32_t kMinParticles = 20;

std::vector<halo_data> make_forest(const ForestOptions& options);

}  // namespace make_trees
