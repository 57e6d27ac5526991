// SPDX-License-Identifier: Apache-2.0
//
// The command line of sagemem-report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/check_options.h"
#include "exports/exporter.h"
#include "report/query.h"
#include "report/terminal.h"
#include "rules/program_rules.h"
#include "symbolize/file_search.h"

namespace sagemem::cli {

struct Subcommand;

struct Options {
  const Subcommand* subcommand = nullptr;  // set by parse_options()
  std::vector<std::string> traces;
  std::vector<std::string> wrappers;
  std::string profile;  // a name or a file; empty: what suits the program
  std::optional<rules::ProgramRules> rules;  // of that profile
  report::Query query;                       // of single reports
  std::string output;                        // of tools; empty: see there
  std::string format;                        // of export
  exports::ExportOptions exports;
  CheckOptions check;
  symbolize::FileSearch search;    // where names come from
  std::optional<std::size_t> top;  // absent: what suits the report
  std::size_t stacks = 0;
  std::optional<std::uint64_t> max_memory;  // bytes; absent: no bound
  bool json = false;
  bool csv = false;
  bool is_reproducible = false;
  bool follows = false;         // prints again as the trace grows
  double interval_seconds = 2;  // how often at the most
  report::ColorMode color = report::ColorMode::Auto;
};

// The exit code when there is nothing left to do: help or version was printed,
// or the arguments make no sense (said on stderr).
[[nodiscard]] std::optional<int> parse_options(int argc, char** argv,
                                               Options& options);

}  // namespace sagemem::cli
