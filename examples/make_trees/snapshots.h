// SPDX-License-Identifier: Apache-2.0
//
// The output times of the imagined simulation: those of the Millennium run.
#pragma once

#include <array>
#include <cmath>

namespace make_trees {

inline constexpr int kSnapshots = 64;
inline constexpr int kLastSnapshot = kSnapshots - 1;

// log10(1 + z) = n (n + 35) / 4200 counting back from today, after four early
// outputs.
inline std::array<double, kSnapshots> scale_factors() {
  std::array<double, kSnapshots> scales{};
  const std::array<double, 4> early{127.0, 79.998, 50.0, 30.0};
  for (int snapshot = 0; snapshot < kSnapshots; ++snapshot) {
    const int n = kLastSnapshot - snapshot;
    const auto index = static_cast<std::size_t>(snapshot);
    const double redshift = index < early.size()
                                ? early[index]
                                : std::pow(10.0, n * (n + 35) / 4200.0) - 1.0;
    scales[index] = 1.0 / (1.0 + redshift);
  }
  return scales;
}

}  // namespace make_trees
