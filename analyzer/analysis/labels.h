// SPDX-License-Identifier: Apache-2.0
//
// What the program itself calls its blocks, beside the categories of its
// profile: how much of what it says is "Halos" do our rules say is?
//
//   program's   allocated   in our categories
//   Halos        50.7 MiB   Halos 83.8 %, Galaxies 16.2 %
//   Trees         5.0 MiB   Trees 100.0 %
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/categories.h"

namespace sagemem::analysis {

// The part of a label's blocks that is in one category.
struct LabelPart {
  std::uint32_t category = 0;  // index into CategoryTable::categories
  std::uint64_t allocated_bytes = 0;
  std::uint64_t peak_bytes = 0;
};

struct LabelValue {
  std::int64_t value = 0;
  std::string name;  // as the profile has it, or the number
  std::uint64_t allocated_bytes = 0;
  std::uint64_t allocated_blocks = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t live_blocks = 0;
  std::uint64_t peak_bytes = 0;  // at the global peak
  std::uint64_t peak_blocks = 0;
  // Not known where several functions of the program have given the value:
  // each of them has its own highest point.
  std::optional<std::uint64_t> own_peak_bytes;
  std::vector<LabelPart> parts;  // most bytes allocated first
};

struct Label {
  std::string name;
  std::vector<LabelValue> values;  // most bytes at the peak first
};

// In order of appearance; none where the recorder saw none.
[[nodiscard]] std::vector<Label> find_labels(const model::Profile& profile,
                                             const rules::ProgramRules& rules,
                                             const CategoryTable& table);

}  // namespace sagemem::analysis
