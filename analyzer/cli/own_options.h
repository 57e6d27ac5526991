// SPDX-License-Identifier: Apache-2.0
//
// Options that a single subcommand has, beside the common ones where it is a
// report.
#pragma once

#include "cli/options.h"

// NOLINTNEXTLINE(readability-identifier-naming): not ours.
namespace CLI {
class App;
}

namespace sagemem::cli {

// Also of the check.
void add_suppression_options(CLI::App& app, report::LeakQuery& query);

void add_scopes_options(CLI::App& app, Options& options);
void add_leaks_options(CLI::App& app, Options& options);
void add_lifetimes_options(CLI::App& app, Options& options);
void add_at_options(CLI::App& app, Options& options);
void add_between_options(CLI::App& app, Options& options);
void add_diff_options(CLI::App& app, Options& options);
void add_tree_options(CLI::App& app, Options& options);
void add_pack_options(CLI::App& app, Options& options);
void add_export_options(CLI::App& app, Options& options);
void add_symbolize_options(CLI::App& app, Options& options);

}  // namespace sagemem::cli
