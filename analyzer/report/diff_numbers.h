// SPDX-License-Identifier: Apache-2.0
//
// The numbers of whole runs that a diff shows, said once for text and JSON.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/diff.h"
#include "model/profile.h"
#include "report/table.h"

namespace sagemem::report {

struct WholeNumber {
  const char* key;
  const char* title;
  Unit unit;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

[[nodiscard]] std::vector<WholeNumber> whole_numbers(
    const model::Profile& before, const model::Profile& after);

// "grown", in both.
[[nodiscard]] const char* verdict_word(analysis::Verdict verdict);

}  // namespace sagemem::report
