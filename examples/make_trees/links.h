// SPDX-License-Identifier: Apache-2.0
//
// The links between the halos of a forest: descendants and progenitors over
// time, FOF groups within a snapshot.
#pragma once

#include <vector>

#include "branch.h"
#include "lhalo_tree.h"

namespace make_trees {

void link_halos(const std::vector<Branch>& branches,
                std::vector<halo_data>& halos);

}  // namespace make_trees
