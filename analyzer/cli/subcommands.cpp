// SPDX-License-Identifier: Apache-2.0
#include "cli/subcommands.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "cli/own_options.h"
#include "cli/run_baseline.h"
#include "cli/run_check.h"
#include "cli/run_diff.h"
#include "cli/run_dump.h"
#include "cli/run_export.h"
#include "cli/run_pack.h"
#include "cli/run_report.h"
#include "cli/run_symbolize.h"

namespace sagemem::cli {
namespace {

constexpr Subcommand kTools[] = {
    {"diff", "What changed between two runs, by site", add_diff_options,
     run_diff},
    {"check", "Whether rules hold: for CI, with an exit code",
     add_check_options, run_check},
    {"baseline", "What a run is like, for rules to compare with",
     add_baseline_options, run_baseline},
    {"dump", "The events, one a line", add_common_options, run_dump},
    {"export", "Write it in the format of another tool", add_export_options,
     run_export},
    {"pack", "Compress a trace; every subcommand reads it as before",
     add_pack_options, run_pack},
    {"symbolize", "Put the names and lines into a trace, to read it anywhere",
     add_symbolize_options, run_symbolize},
};

// Reports that have options which no other has; they add the common ones too.
constexpr struct {
  std::string_view report;
  void (*add)(CLI::App& app, Options& options);
} kOwnOptions[] = {
    {"leaks", add_leaks_options},         {"scopes", add_scopes_options},
    {"lifetimes", add_lifetimes_options}, {"at", add_at_options},
    {"between", add_between_options},     {"tree", add_tree_options},
};

std::vector<Subcommand> make_subcommands() {
  std::vector<Subcommand> result;
  for (const report::Report& report : report::all_reports()) {
    const auto* const own = std::find_if(
        std::begin(kOwnOptions), std::end(kOwnOptions),
        [&report](const auto& one) { return one.report == report.name; });
    result.push_back(
        {report.name, report.description,
         own != std::end(kOwnOptions) ? own->add : add_report_options,
         run_reports, &report});
  }
  result.insert(result.end(), std::begin(kTools), std::end(kTools));
  return result;
}

}  // namespace

const std::vector<Subcommand>& all_subcommands() {
  static const std::vector<Subcommand> subcommands = make_subcommands();
  return subcommands;
}

}  // namespace sagemem::cli
