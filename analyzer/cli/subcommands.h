// SPDX-License-Identifier: Apache-2.0
//
// The subcommands: a report each (report/reports.h), and tools, which take
// their traces in another way.  A tool is a line in subcommands.cpp; so are the
// options that one subcommand alone has.
#pragma once

#include <vector>

#include "cli/options.h"
#include "report/output.h"
#include "report/reports.h"

// NOLINTNEXTLINE(readability-identifier-naming): not ours.
namespace CLI {
class App;
}

namespace sagemem::cli {

struct Subcommand {
  const char* name;
  const char* description;  // one line of --help
  // Adds its options.  The same ones stand before and behind the name of a
  // report, because nobody remembers which it was.
  void (*add_options)(CLI::App& app, Options& options);
  // Returns an exit code; what went wrong has been said on stderr.
  int (*run)(const Options& options, report::Output& out);
  const report::Report* report = nullptr;
};

// In the order of --help; the first comes without asking.
[[nodiscard]] const std::vector<Subcommand>& all_subcommands();

// Adds what every subcommand has but pack.
void add_common_options(CLI::App& app, Options& options);
void add_trace_options(CLI::App& app, Options& options);
void add_json(CLI::App& app, Options& options);
void add_memory_and_color(CLI::App& app, Options& options);
// Of these, what all need that give names to frames.
void add_sysroot(CLI::App& app, Options& options);
void add_wrapper_and_profile(CLI::App& app, Options& options);
// Adds what every report has: the same, and what chooses blocks and the form.
void add_report_options(CLI::App& app, Options& options);

}  // namespace sagemem::cli
