// SPDX-License-Identifier: Apache-2.0
#include "cli/check_options.h"

#include <CLI/CLI.hpp>

#include "cli/filter_options.h"
#include "cli/options.h"
#include "cli/own_options.h"
#include "cli/subcommands.h"

namespace sagemem::cli {
namespace {

void add_rules(CLI::App& app, CheckOptions& check) {
  app.add_option("--rules", check.rules,
                 "What is to hold, in TOML, see sagemem-rules(5); without it "
                 "and --check: sagemem.toml; can be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--check", check.checks,
                 "A rule, as in 'leaked.bytes == 0'; can be repeated")
      ->type_name("RULE")
      ->allow_extra_args(false);
}

void add_files(CLI::App& app, CheckOptions& check) {
  app.add_option("--junit", check.junit, "Write JUnit XML there")
      ->type_name("FILE");
  app.add_option("--sarif", check.sarif, "Write SARIF there")
      ->type_name("FILE");
  app.add_option("--gitlab", check.gitlab,
                 "Write a Code Quality report of GitLab there")
      ->type_name("FILE");
  app.add_option("--markdown", check.markdown,
                 "Write a summary for a pull request there")
      ->type_name("FILE");
  app.add_flag("--github", check.github,
               "Print annotations of GitHub Actions as well")
      // They are no JSON.
      ->excludes("--json");
  app.add_option("--source-root", check.source_root,
                 "The top of the repository, from where these name sources")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

}  // namespace

void add_check_options(CLI::App& app, Options& options) {
  CheckOptions& check = options.check;
  add_trace_options(app, options);
  add_json(app, options);
  add_reproducible(app, options);
  add_wrapper_and_profile(app, options);
  add_sysroot(app, options);
  add_memory_and_color(app, options);
  add_rules(app, check);
  app.add_option("--baseline", check.baseline,
                 "What to compare with, see sagemem-report baseline")
      ->type_name("FILE");
  add_suppression_options(app, options.query.leaks);
  add_files(app, check);
  app.add_flag("--rules-only", check.rules_only,
               "Read rules and baseline, and no trace");
  app.add_flag("--list-figures", check.list_figures,
               "Print the figures that rules can name, and no more");
}

void add_baseline_options(CLI::App& app, Options& options) {
  app.add_option("ACTION", options.check.action,
                 "write, from traces; or merge, from baselines")
      ->type_name("")
      ->required()
      ->check(CLI::IsMember({"write", "merge"}));
  add_trace_options(app, options);
  add_rules(app, options.check);
  app.add_option("-o,--output", options.check.output, "Write there")
      ->type_name("FILE");
  add_wrapper_and_profile(app, options);
  add_sysroot(app, options);
  add_memory_and_color(app, options);
}

}  // namespace sagemem::cli
