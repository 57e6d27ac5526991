// SPDX-License-Identifier: Apache-2.0
//
// Allocation sites: all stacks whose first frame of interest, seen from the
// allocation outward, is the same function at the same line.
//
//   operator new               wrapper
//   std::vector::push_back     wrapper
//   add_halo    tree.c:88      <- the site of this stack
//   build_tree  tree.c:140
//   main
//
// A stack of nothing but wrappers belongs to the outermost one.  Where a module
// has no line table a site is a function; where it has no symbols, an address.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "analysis/wrappers.h"
#include "model/profile.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

struct Site {
  // Owned by the symbolizer; the module and the inlining are those of the
  // first stack.
  const symbolize::Location* location = nullptr;
  // Sums over the stacks, but own_peak_bytes: a sum of maxima is no maximum.
  model::StackUse use;
  std::vector<model::StackId> stacks;  // in order of first appearance
};

// Where in a stack its site is.
struct SiteFrame {
  model::StackId stack = model::kRootStack;  // whose innermost frame it is
  const symbolize::Location* location = nullptr;
};

struct SiteTable {
  std::vector<Site> sites;  // in order of first appearance
  // Index: StackId; kNoSite for stacks that allocated nothing.
  std::vector<std::uint32_t> site_of_stack;
  // Index: StackId; without a location for those stacks.
  std::vector<SiteFrame> frame_of_stack;
};
inline constexpr std::uint32_t kNoSite = 0xffffffff;

[[nodiscard]] SiteTable find_sites(const model::Profile& profile,
                                   symbolize::Symbolizer& symbols,
                                   const WrapperList& wrappers);

// Sums up all but the own peaks.
void add_use(model::StackUse& sum, const model::StackUse& use);

// The part of a table that is made of some of its stacks: `belongs` is asked
// by StackId.  Sites without any are left out.
[[nodiscard]] SiteTable restrict_sites(
    const SiteTable& table, const model::Profile& profile,
    const std::function<bool(model::StackId)>& belongs);

}  // namespace sagemem::analysis
