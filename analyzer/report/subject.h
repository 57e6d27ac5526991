// SPDX-License-Identifier: Apache-2.0
//
// What a report is about: one replayed trace with all that was found out about
// it.  Each print_x and each x_json takes one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/sites.h"
#include "model/profile.h"
#include "report/query.h"
#include "symbolize/source_text.h"
#include "symbolize/symbolizer.h"

namespace sagemem::report {

struct Subject {
  std::string trace;  // path as the user gave it
  const model::Profile& profile;
  symbolize::Symbolizer& symbols;
  const analysis::SiteTable& sites;
  symbolize::SourceText& sources;
  const analysis::Breakdown& breakdown;
  std::uint64_t segments = 0;
  std::size_t top = 0;     // entries of a list, 0: all
  std::size_t stacks = 0;  // call stacks shown under each of them
  Query query = {};        // what the report was asked beyond its name
  // What the query's filter asks for by name, and is not there.
  std::vector<std::string> missing = {};
  // Nothing is to show that changes from run to run: the profile is masked, and
  // what comes from a replay has to be.
  bool is_reproducible = false;
  // Several traces are reported on in turn.
  bool is_one_of_several = false;
  bool is_first = true;
  // Reads the trace once more, for what only some reports need.
  analysis::ReplayAgain replay = {};
};

// How many of `count` entries are shown.
[[nodiscard]] constexpr std::size_t shown(const Subject& subject,
                                          std::size_t count) {
  return subject.top == 0 || count < subject.top ? count : subject.top;
}

}  // namespace sagemem::report
