// SPDX-License-Identifier: Apache-2.0
#include "report/peak.h"

#include "analysis/ranking.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/summary.h"
#include "report/units.h"

namespace sagemem::report {

void print_peak(Page& page, const Subject& subject) {
  const auto holders =
      analysis::rank_sites(subject.sites, analysis::Measure::PeakBytes);
  print_run_facts(page, subject);
  page.blank();
  print_peak_facts(page, subject);
  page.heading("WHO HELD THE PEAK",
               format_things(holders.size(), "allocation site"));
  print_site_rows(page, subject, holders, analysis::Measure::PeakBytes,
                  shown(subject, holders.size()));
  print_missing_symbols(page, subject);
}

}  // namespace sagemem::report
