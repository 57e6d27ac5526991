// SPDX-License-Identifier: Apache-2.0
//
// The allocating calls of a function, counted from the first: by their lines,
// or by their addresses where the module has no line table.
//
//   sage_per_forest   sage.c:312   1
//                     sage.c:313   2
//                     sage.c:314   3
//
// A call that never allocated in this run is not counted: nothing is known of
// it.  Compilers keep the order of calls in straight code, so that addresses do
// nearly as well as lines; reports say when they had to.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "analysis/sites.h"

namespace sagemem::analysis {

class CallOrder {
 public:
  CallOrder(const model::Profile& profile, const SiteTable& sites);

  // From 1 on; 0 for a site without a function.
  [[nodiscard]] std::uint32_t number(const SiteFrame& site) const;

 private:
  using Function = std::pair<std::string, std::string>;  // module and name

  [[nodiscard]] std::uint64_t place(const SiteFrame& site) const;

  const model::Profile& profile_;
  std::map<Function, std::set<std::uint64_t>> places_;
};

}  // namespace sagemem::analysis
