// SPDX-License-Identifier: Apache-2.0
//
// Which part of the program each call stack allocates for, by the rules of a
// profile.  Every stack that allocated belongs to exactly one category, so the
// categories add up to the whole.
//
//   stack                              site           category
//   main > run_sage > sage_per_forest  sage.c:312     Halos
//   main > run_sage > H5Dread > H5MM_  H5Dread        HDF5
//   main > something_new > mymalloc    something_new  Unknown
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/sites.h"
#include "rules/program_rules.h"
#include "symbolize/source_text.h"

namespace sagemem::analysis {

struct Category {
  std::string name;
  model::StackUse use;  // sums over the stacks, as in Site
};

inline constexpr std::uint32_t kNoCategory = 0xffffffff;

struct CategoryTable {
  // In the order of the rules; Unknown comes last and is always there.  A name
  // that no stack has is there as well.
  std::vector<Category> categories;
  // Index: StackId; kNoCategory for stacks that allocated nothing.
  std::vector<std::uint32_t> category_of_stack;
  // Blocks that were told apart by the order of calls in the code alone: their
  // module has no line table.
  std::uint64_t told_by_order = 0;

  [[nodiscard]] std::uint32_t unknown() const {
    return static_cast<std::uint32_t>(categories.size() - 1);
  }
};

[[nodiscard]] CategoryTable find_categories(const model::Profile& profile,
                                            symbolize::Symbolizer& symbols,
                                            symbolize::SourceText& sources,
                                            const SiteTable& sites,
                                            const rules::ProgramRules& rules);

// The categories that have anything, largest at the peak first, then by what
// they allocated; Unknown last, also when it has nothing.
[[nodiscard]] std::vector<std::uint32_t> rank_categories(
    const CategoryTable& table);

}  // namespace sagemem::analysis
