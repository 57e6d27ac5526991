// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string_view>

#include "cli/exit_codes.h"
#include "cli/filter_options.h"
#include "cli/subcommands.h"
#include "rules/built_in.h"
#include "rules/parse_rules.h"
#include "rules/rule_text.h"

namespace sagemem::cli {
namespace {

constexpr const char* kDescription =
    "Shows what a trace of sagemem says about a program's heap.\n"
    "Without a subcommand: the summary.";

report::ColorMode color_mode(const std::string& when) {
  if (when == "always") return report::ColorMode::Always;
  if (when == "never") return report::ColorMode::Never;
  return report::ColorMode::Auto;
}

void append(std::vector<std::string>& list,
            const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

// 128M is said of memory as often as 128MiB.
std::optional<std::uint64_t> parse_memory(std::string text) {
  constexpr std::string_view prefixes = "KMGT";
  if (!text.empty() && prefixes.find(text.back()) != std::string_view::npos) {
    text += "iB";
  }
  return rules::parse_bytes(text);
}

int report_usage(const CLI::App& app, const std::string& problem) {
  std::cerr << "sagemem-report: " << problem << "\n"
            << "Run " << app.get_name() << " --help for more information.\n";
  return kExitUsage;
}

}  // namespace

void add_sysroot(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--sysroot",
         [&options](const std::string& place) {
           options.search = symbolize::FileSearch(place);
         },
         "A copy of the files of the machine that the trace is from")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

void add_wrapper_and_profile(CLI::App& app, Options& options) {
  using Names = std::vector<std::string>;
  // Without allow_extra_args(false) it would swallow the traces behind it.
  app.add_option_function<Names>(
         "--wrapper",
         [&options](const Names& names) { append(options.wrappers, names); },
         "A function that allocates for its caller, or a glob of such; can be "
         "repeated")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.add_option("--profile", options.profile,
                 "Rules for categories and limits: a TOML file, or the name "
                 "of a built-in profile")
      ->type_name("PROFILE");
}

void add_trace_options(CLI::App& app, Options& options) {
  using Names = std::vector<std::string>;
  app.add_option_function<Names>(
         "TRACE",
         [&options](const Names& names) { append(options.traces, names); },
         "Trace files, *.smt; - for the standard input")
      ->type_name("");
}

void add_json(CLI::App& app, Options& options) {
  app.add_flag("--json", options.json,
               "Print JSON; schemas are in share/sagemem");
}

void add_memory_and_color(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--max-memory",
         [&options](const std::string& size) {
           options.max_memory = parse_memory(size);
           if (!options.max_memory) {
             throw CLI::ValidationError("--max-memory", "not a size: " + size);
           }
         },
         "Use no more memory than this, as in 128M, but a file in TMPDIR")
      ->type_name("SIZE");
  app.add_option_function<std::string>(
         "--color",
         [&options](const std::string& when) {
           options.color = color_mode(when);
         },
         "auto, always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void add_common_options(CLI::App& app, Options& options) {
  add_trace_options(app, options);
  add_json(app, options);
  app.add_option("--top", options.top,
                 "Entries of each list, 0 for all; 5 in the summary and 20 "
                 "elsewhere, all as JSON")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  auto* stacks = app.add_option("--stacks", options.stacks,
                                "Call stacks printed under each site")
                     ->type_name("N")
                     ->check(CLI::NonNegativeNumber);
  app.add_flag_callback(
         "--full-stack", [&options] { options.stacks = 1; },
         "The same as --stacks 1")
      ->excludes(stacks);
  add_wrapper_and_profile(app, options);
  add_sysroot(app, options);
  add_memory_and_color(app, options);
}

void add_report_options(CLI::App& app, Options& options) {
  add_common_options(app, options);
  add_form_options(app, options);
  add_filter_options(app, options);
  add_scope_filter(app, options);
}

std::optional<int> parse_options(int argc, char** argv, Options& options) {
  CLI::App app(kDescription, "sagemem-report");
  app.set_version_flag("--version", "sagemem-report " SAGEMEM_VERSION);
  app.require_subcommand(0, 1);
  add_report_options(app, options);
  options.subcommand = &all_subcommands().front();
  for (const Subcommand& one : all_subcommands()) {
    CLI::App* subcommand = app.add_subcommand(one.name, one.description);
    one.add_options(*subcommand, options);
    subcommand->callback([&options, &one] { options.subcommand = &one; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return report_usage(app, error.what());
  }
  if (options.traces.empty() && !options.check.needs_no_trace())
    return report_usage(app, "which trace?");
  if (options.csv && options.json) {
    return report_usage(app, "--csv excludes --json");
  }
  if (!options.output.empty() && options.traces.size() > 1) {
    return report_usage(app, "one output for several traces");
  }
  try {
    if (!options.profile.empty()) {
      options.rules = rules::load_rules(options.profile);
    }
  } catch (const rules::RuleError& error) {
    std::cerr << "sagemem-report: " << error.what() << "\n";
    return kExitUsage;
  }
  return std::nullopt;
}

}  // namespace sagemem::cli
