// SPDX-License-Identifier: Apache-2.0
//
// What is left to be told of the blocks that were never released, by class,
// after suppressions.  Without a leak scan all of them are `NotScanned`.
//
// A block that is lost because another one is goes with that one: what
// suppresses the leader suppresses it, too.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/suppress.h"
#include "model/leak_classes.h"
#include "model/profile.h"
#include "rules/suppressions.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

struct SuppressionUse {
  const rules::Suppression* suppression = nullptr;
  std::uint64_t stacks = 0;  // that it matched
  model::LeakAmount amount;  // that it hides
};

struct LeakReport {
  bool was_asked = false;    // a scan, by whoever recorded
  bool is_complete = false;  // and it was made, of all there is
  model::LeakAmounts total;
  std::vector<model::LeakAmounts> stacks;  // index: StackId
  model::LeakAmount suppressed;
  std::vector<SuppressionUse> uses;  // of every suppression, in their order

  // Lost, directly or not.
  [[nodiscard]] model::LeakAmount lost() const {
    model::LeakAmount sum = total[model::LeakClass::Lost];
    sum.add(total[model::LeakClass::IndirectlyLost]);
    return sum;
  }
};

// `suppressions` has to outlive the result.
[[nodiscard]] LeakReport find_leaks(
    const model::Profile& profile, symbolize::Symbolizer& symbols,
    const std::vector<rules::Suppression>& suppressions);

}  // namespace sagemem::analysis
