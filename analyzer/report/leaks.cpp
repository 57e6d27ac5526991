// SPDX-License-Identifier: Apache-2.0
#include "report/leaks.h"

#include <fmt/format.h>

#include "analysis/ranking.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/units.h"

namespace sagemem::report {

void print_leaks(Page& page, const Subject& subject) {
  const model::Profile& profile = subject.profile;
  const auto leaks =
      analysis::rank_sites(subject.sites, analysis::Measure::LiveBytes);
  print_run_facts(page, subject);
  page.blank();
  page.field(
      unreleased_label(profile),
      fmt::format("{} in {}, of {}", format_bytes_exactly(profile.leaked_bytes),
                  format_things(profile.leaked_blocks, "block"),
                  format_things(profile.totals.allocations, "allocation")),
      Tone::Strong);
  if (!has_ended(profile))
    page.field("",
               "The program was not seen to end: it may still have had a "
               "use for these blocks.");
  page.heading(has_ended(profile) ? "WHO NEVER RELEASED" : "WHO HELD THE REST",
               format_things(leaks.size(), "allocation site"));
  print_site_rows(page, subject, leaks, analysis::Measure::LiveBytes,
                  shown(subject, leaks.size()));
  print_missing_symbols(page, subject);
}

}  // namespace sagemem::report
