// SPDX-License-Identifier: Apache-2.0
//
// How large the blocks are: the 65 power-of-two buckets of the profile put
// together to few classes that a person can compare.
#pragma once

#include <cstdint>
#include <vector>

#include "model/profile.h"

namespace sagemem::analysis {

// Sizes from `low` to `high`, both included.
struct SizeClass {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t allocations = 0;
  std::uint64_t bytes = 0;
};

// Every bucket that was used, from the smallest to the largest of them.
[[nodiscard]] std::vector<SizeClass> size_classes(
    const model::Profile& profile);

// Always the same eight: up to 15, 63, 255, 1023 bytes, 4 KiB, 64 KiB, 1 MiB
// (each less one byte), and above.
[[nodiscard]] std::vector<SizeClass> coarse_size_classes(
    const model::Profile& profile);

}  // namespace sagemem::analysis
