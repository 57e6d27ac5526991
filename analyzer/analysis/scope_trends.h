// SPDX-License-Identifier: Apache-2.0
//
// What the scopes of a group say together: whether something stays behind with
// each, and what a scope of a given size will take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/robust_line.h"
#include "analysis/scope_groups.h"
#include "model/profile.h"

namespace sagemem::analysis {

// Live bytes after each scope against how many there were before.  The resident
// set beside it: where it alone goes up, the allocator keeps the memory.
struct ScopeDrift {
  std::size_t scopes = 0;  // that were closed
  Line floor;              // bytes; x counts scopes
  std::optional<Line> resident;
};

// Nothing for too few scopes to tell.
[[nodiscard]] std::optional<ScopeDrift> find_drift(
    const model::ScopeProfile& profile, const ScopeGroup& group);

struct ScopeOutlier {
  model::ScopeId scope = model::kNoScope;
  double factor = 1;  // its peak to what the model says
};

// Peak and allocated bytes of a scope as lines over a captured size.
struct CostModel {
  std::string key;         // what the size is called
  std::size_t scopes = 0;  // that have captured one
  Line peak;
  Line allocated;
  // Nine scopes in ten have a peak between these, times what the line says.
  double low_factor = 1;
  double high_factor = 1;
  // The same of all in the largest tenth, three at least: what a prediction
  // for larger ones is worth.  The many small scopes lead the line.
  double large_low_factor = 1;
  double large_high_factor = 1;
  // All other live bytes while a scope was at its peak, as a rule.
  double other_bytes = 0;
  double largest_size = 0;             // seen
  std::vector<ScopeOutlier> outliers;  // largest factor first

  [[nodiscard]] double peak_at(double size) const;
  // The largest size whose peak, with all other memory, fits, also if it goes
  // like the worst of the largest; nothing when none does or all do.
  [[nodiscard]] std::optional<double> size_within(double bytes) const;
};

// With the size of that name, or the one that tells the peaks best.  Nothing
// when there is no such, or the peaks do not grow with it.
[[nodiscard]] std::optional<CostModel> find_cost_model(
    const model::ScopeProfile& profile, const ScopeGroup& group,
    const std::string& key = {});

}  // namespace sagemem::analysis
