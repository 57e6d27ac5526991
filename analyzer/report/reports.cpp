// SPDX-License-Identifier: Apache-2.0
#include "report/reports.h"

#include <algorithm>

#include "report/categories.h"
#include "report/info.h"
#include "report/json.h"
#include "report/leaks.h"
#include "report/peak.h"
#include "report/scopes.h"
#include "report/sites.h"
#include "report/summary.h"

namespace sagemem::report {
namespace {

constexpr std::size_t kTopOfSummary = 5;

// Of a report that fits into memory as a whole.
template <Json (*Make)(const Subject&)>
void write(Output& out, const Subject& subject) {
  out.write(to_text(Make(subject)));
}

constexpr Report kReports[] = {
    {"summary", "Where the memory went, on one screen (the default)",
     print_summary, write<summary_json>, kInferredScopes | kNearLimits,
     kTopOfSummary},
    {"peak", "Who held the heap at its highest point", print_peak,
     write<peak_json>},
    {"leaks", "Blocks that were never released", print_leaks,
     write<leaks_json>},
    {"sites", "Every allocation site with all its numbers", print_sites,
     write<sites_json>},
    {"scopes", "The memory by forests, or other stretches of the run",
     print_scopes, print_scopes_json,
     kInferredScopes | kWatchedScopes | kNearLimits},
    {"categories", "The memory by parts of the program", print_categories,
     write<categories_json>, kOverTime},
    {"info", "The process, the recording, modules, losses", print_info,
     write<info_json>},
};

}  // namespace

std::span<const Report> all_reports() {
  return kReports;
}

const Report* find_report(std::string_view name) {
  const auto* const found = std::find_if(
      std::begin(kReports), std::end(kReports),
      [name](const Report& report) { return report.name == name; });
  return found == std::end(kReports) ? nullptr : found;
}

}  // namespace sagemem::report
