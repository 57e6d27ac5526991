// SPDX-License-Identifier: Apache-2.0
#include "report/reports.h"

#include <algorithm>

#include "report/advise.h"
#include "report/categories.h"
#include "report/csv_lists.h"
#include "report/growth.h"
#include "report/info.h"
#include "report/json.h"
#include "report/leaks.h"
#include "report/peak.h"
#include "report/questions.h"
#include "report/reuse.h"
#include "report/scopes.h"
#include "report/sites.h"
#include "report/summary.h"
#include "report/tree.h"

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
     kTopOfSummary, summary_csv},
    {"peak", "Who held the heap at its highest point", print_peak,
     write<peak_json>, 0, kTopOfLists, peak_csv},
    {"leaks", "Blocks that were never released", print_leaks, write<leaks_json>,
     0, kTopOfLists, leaks_csv},
    {"sites", "Every allocation site with all its numbers", print_sites,
     write<sites_json>, 0, kTopOfLists, sites_csv},
    {"scopes", "The memory by forests, or other stretches of the run",
     print_scopes, print_scopes_json,
     kInferredScopes | kWatchedScopes | kNearLimits, kTopOfLists, scopes_csv},
    {"categories", "The memory by parts of the program", print_categories,
     write<categories_json>, kInferredScopes | kOverTime, kTopOfLists,
     categories_csv},
    {"threads", "What each thread allocated, and for whom", print_threads,
     write<threads_json>, 0, kTopOfLists, threads_csv},
    {"modules", "The memory by the libraries that asked for it", print_modules,
     write<modules_json>, 0, kTopOfLists, modules_csv},
    {"sizes", "Blocks by their sizes", print_sizes, write<sizes_json>, 0,
     kTopOfLists, sizes_csv},
    {"lifetimes", "How long blocks lived", print_lifetimes,
     write<lifetimes_json>, 0, kTopOfLists, lifetimes_csv},
    {"temporary", "Blocks released before the next allocation", print_temporary,
     write<temporary_json>, 0, kTopOfLists, temporary_csv},
    {"blocks", "How many blocks were live at once, beside limits", print_blocks,
     write<blocks_json>, kInferredScopes | kOverTime, kTopOfLists, blocks_csv},
    {"at", "What was live at a moment", print_at, write<at_json>,
     kInferredScopes, kTopOfLists, at_csv},
    {"between", "What was kept, released or passed through between two moments",
     print_between, write<between_json>, kInferredScopes, kTopOfLists,
     between_csv},
    {"tree", "The call tree, from main on or from the sites outward",
     print_tree, write<tree_json>, 0, kTopOfLists, tree_csv},
    {"growth", "Blocks that grow by realloc, and what that costs", print_growth,
     write<growth_json>, 0, kTopOfLists, growth_csv},
    {"reuse", "What pools and arenas would save", print_reuse,
     write<reuse_json>, kInferredScopes, kTopOfLists, reuse_csv},
    {"advise", "What to change first", print_advice, write<advice_json>,
     kInferredScopes | kNearLimits, kTopOfLists, advice_csv},
    {"info", "The process, the recording, modules, losses", print_info,
     write<info_json>, 0, kTopOfLists, info_csv},
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
