// SPDX-License-Identifier: Apache-2.0
//
// Which blocks a report is about, in the words of who asks: every kind of
// condition that is given has to hold, of several of one kind one.
//
//   category Halos or Trees, size 1 KiB to 4 KiB
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/categories.h"
#include "analysis/sites.h"
#include "model/block_filter.h"
#include "rules/program_rules.h"
#include "symbolize/source_text.h"

namespace sagemem::analysis {

struct ScopeName {
  std::string rule;
  std::int64_t number = 0;
};

struct BlockQuery {
  std::vector<std::string> categories;
  std::vector<ScopeName> scopes;
  std::vector<std::string> threads;  // a tid or a name
  // Of the allocation site, as in the rules of a profile.
  std::vector<std::string> functions;
  std::vector<std::string> files;
  std::vector<std::string> modules;
  std::vector<std::string> within;  // functions anywhere in the call stack
  std::vector<model::Range<std::uint64_t>> sizes;
  std::vector<model::Range<std::int64_t>> times_ns;  // of birth

  [[nodiscard]] bool is_empty() const;
};

struct ChosenBlocks {
  model::BlockFilter filter;
  // What was asked for by a name that nothing in the trace has.
  std::vector<std::string> missing;
};

// `profile` is that of all blocks, and so are `sites`.
[[nodiscard]] ChosenBlocks choose_blocks(const BlockQuery& query,
                                         const model::Profile& profile,
                                         symbolize::Symbolizer& symbols,
                                         symbolize::SourceText& sources,
                                         const SiteTable& sites,
                                         const rules::ProgramRules& rules);

}  // namespace sagemem::analysis
