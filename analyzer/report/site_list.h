// SPDX-License-Identifier: Apache-2.0
//
// Ranked sites as rows, the part that peak, leaks and the summary share.
//
//   55.2 %   42.1 MiB        2  construct_galaxies
//   ###########                 build_model.c:215  gal = myrealloc(gal, max ..
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/ranking.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// "construct_galaxies      build_model.c:215", the place at the right edge of
// `columns`; names are shortened to make it fit.
[[nodiscard]] std::string place_text(const Page& page,
                                     const symbolize::Location& location,
                                     std::size_t columns);

// "build_model.c:215  gal = myrealloc(gal, max ..", or the module's name.
[[nodiscard]] std::string source_text(const Page& page, const Subject& subject,
                                      const symbolize::Location& location,
                                      std::size_t columns);

// The rows of the first `count` sites, then one for the rest.  `by` is
// PeakBytes or LiveBytes.
void print_site_rows(Page& page, const Subject& subject,
                     const std::vector<const analysis::Site*>& ranked,
                     analysis::Measure by, std::size_t count);

// The call stacks of one site, as many as the subject asks for.
void print_site_stacks(Page& page, const Subject& subject,
                       const analysis::Site& site, analysis::Measure by);

}  // namespace sagemem::report
