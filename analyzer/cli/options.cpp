// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

#include "cli/exit_codes.h"
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

struct Subcommand {
  const char* name;
  const char* description;
  Command command;
};

constexpr Subcommand kSubcommands[] = {
    {"summary", "Where the memory went, on one screen (the default)",
     Command::Summary},
    {"peak", "Who held the heap at its highest point", Command::Peak},
    {"leaks", "Blocks that were never released", Command::Leaks},
    {"sites", "Every allocation site with all its numbers", Command::Sites},
    {"scopes", "The memory by forests, or other stretches of the run",
     Command::Scopes},
    {"categories", "The memory by parts of the program", Command::Categories},
    {"info", "The process, the recording, modules, losses", Command::Info},
    {"dump", "The events, one a line", Command::Dump},
};

constexpr const char* kPackDescription =
    "Compress a trace; every subcommand reads it as before";

// The same options before and behind the subcommand's name, because nobody
// remembers which it was.
void add_common_options(CLI::App& app, Options& options) {
  using Names = std::vector<std::string>;
  app.add_option_function<Names>(
         "TRACE",
         [&options](const Names& names) { append(options.traces, names); },
         "Trace files, *.smt")
      ->type_name("");
  app.add_flag("--json", options.json,
               "Print JSON; share/sagemem/report.schema.json describes it");
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
  app.add_option_function<std::string>(
         "--color",
         [&options](const std::string& when) {
           options.color = color_mode(when);
         },
         "auto, always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

std::uint64_t parse_size(const std::string& option, const std::string& text) {
  const auto bytes = rules::parse_bytes(text);
  if (!bytes) throw CLI::ValidationError(option, "not a size: " + text);
  return *bytes;
}

// "NAME=NUMBER", or "NUMBER" alone.
void parse_scope(const std::string& text, report::ScopeQuery& query) {
  const std::size_t equals = text.rfind('=');
  const bool has_name = equals != std::string::npos;
  if (has_name) query.rule = text.substr(0, equals);
  const std::string digits = has_name ? text.substr(equals + 1) : text;
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw CLI::ValidationError("--scope", "not NAME=NUMBER: " + text);
  }
  query.number = number;
}

// "NAME=5e6".
void parse_prediction(const std::string& text, report::ScopeQuery& query) {
  const std::size_t equals = text.rfind('=');
  const std::string digits =
      equals != std::string::npos ? text.substr(equals + 1) : text;
  double size = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), size);
  const bool is_number = error == std::errc{} &&
                         end == digits.data() + digits.size() && size >= 0 &&
                         size < 1e18;
  if (!is_number) {
    throw CLI::ValidationError("--predict", "not NAME=NUMBER: " + text);
  }
  if (equals != std::string::npos) query.predict_key = text.substr(0, equals);
  query.predict_size = size;
}

void add_scope_lists(CLI::App& app, report::ScopeQuery& query) {
  app.add_option_function<std::string>(
         "--sort",
         [&query](const std::string& name) {
           query.order = *analysis::find_order(name);
         },
         "peak, total, escaped, allocated, blocks, time, floor, number, begin")
      ->type_name("BY")
      ->check([](const std::string& name) {
        return analysis::find_order(name) ? "" : "no such order: " + name;
      });
  app.add_flag("--escaped", query.escaped_only,
               "Only those that left blocks behind, with the sites");
  app.add_option("--rule", query.rule, "Those of this name")->type_name("NAME");
  app.add_option_function<std::string>(
         "--scope",
         [&query](const std::string& text) { parse_scope(text, query); },
         "One of them in full, as in forest=812")
      ->type_name("NAME=NUMBER");
}

void add_scope_forecasts(CLI::App& app, report::ScopeQuery& query) {
  app.add_option_function<std::string>(
         "--predict",
         [&query](const std::string& text) { parse_prediction(text, query); },
         "The peak of a scope of this size, as in nhalos=5e6")
      ->type_name("NAME=SIZE");
  app.add_option_function<std::string>(
         "--budget",
         [&query](const std::string& text) {
           query.budget_bytes = parse_size("--budget", text);
         },
         "The largest scope that fits into so much, as in 16GiB")
      ->type_name("BYTES");
  app.add_option_function<std::string>(
         "--node",
         [&query](const std::string& text) {
           query.node_bytes = parse_size("--node", text);
         },
         "How many such processes fit into so much")
      ->type_name("BYTES");
}

void add_pack(CLI::App& app, Options& options) {
  using Names = std::vector<std::string>;
  CLI::App* pack = app.add_subcommand("pack", kPackDescription);
  pack->add_option_function<Names>(
          "TRACE",
          [&options](const Names& names) { append(options.traces, names); },
          "Trace files, *.smt")
      ->type_name("");
  pack->add_option("-o,--output", options.output,
                   "Write the packed trace there, leave the other as it is")
      ->type_name("FILE");
  pack->callback([&options] { options.command = Command::Pack; });
}

int report_usage(const CLI::App& app, const std::string& problem) {
  std::cerr << "sagemem-report: " << problem << "\n"
            << "Run " << app.get_name() << " --help for more information.\n";
  return kExitUsage;
}

}  // namespace

std::optional<int> parse_options(int argc, char** argv, Options& options) {
  CLI::App app(kDescription, "sagemem-report");
  app.set_version_flag("--version", "sagemem-report " SAGEMEM_VERSION);
  app.require_subcommand(0, 1);
  add_common_options(app, options);
  for (const Subcommand& one : kSubcommands) {
    CLI::App* subcommand = app.add_subcommand(one.name, one.description);
    add_common_options(*subcommand, options);
    subcommand->callback([&options, &one] { options.command = one.command; });
    if (one.command != Command::Scopes) continue;
    add_scope_lists(*subcommand, options.scopes);
    add_scope_forecasts(*subcommand, options.scopes);
  }
  add_pack(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return report_usage(app, error.what());
  }
  if (options.traces.empty()) return report_usage(app, "which trace?");
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
