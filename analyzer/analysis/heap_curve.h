// SPDX-License-Identifier: Apache-2.0
//
// The heap over time in as many columns as there is room for.  Each column is
// the highest value that the heap had in it, so the peak is never thinned away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/profile.h"

namespace sagemem::analysis {

[[nodiscard]] std::vector<std::uint64_t> heap_curve(
    const model::Profile& profile, std::size_t columns);

}  // namespace sagemem::analysis
