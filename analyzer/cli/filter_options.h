// SPDX-License-Identifier: Apache-2.0
//
// The options that choose blocks.
#pragma once

#include "cli/options.h"

// NOLINTNEXTLINE(readability-identifier-naming): not ours.
namespace CLI {
class App;
}

namespace sagemem::cli {

// --csv, --reproducible
void add_form_options(CLI::App& app, Options& options);
void add_reproducible(CLI::App& app, Options& options);
// All but --scope: of `scopes` that means another thing.
void add_filter_options(CLI::App& app, Options& options);
void add_scope_filter(CLI::App& app, Options& options);

}  // namespace sagemem::cli
