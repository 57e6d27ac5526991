// SPDX-License-Identifier: Apache-2.0
//
// The options of `check` and of `baseline`.
#pragma once

#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): not ours.
namespace CLI {
class App;
}

namespace sagemem::cli {

struct Options;

struct CheckOptions {
  // Files; none, and no checks: the one of the default name, if it is there.
  std::vector<std::string> rules;
  std::vector<std::string> checks;
  std::string baseline;  // empty: what the rules say
  std::string junit;     // files; empty: not written
  std::string sarif;
  std::string gitlab;
  std::string markdown;
  bool github = false;
  std::string source_root;
  bool rules_only = false;
  bool list_figures = false;
  // Of `baseline`.
  std::string action;
  std::string output;

  // Nothing of a trace is asked for.
  [[nodiscard]] bool needs_no_trace() const {
    return rules_only || list_figures;
  }
};

void add_check_options(CLI::App& app, Options& options);
void add_baseline_options(CLI::App& app, Options& options);

}  // namespace sagemem::cli
