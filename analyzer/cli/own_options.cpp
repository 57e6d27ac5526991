// SPDX-License-Identifier: Apache-2.0
#include "cli/own_options.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "cli/filter_options.h"
#include "cli/subcommands.h"
#include "exports/tables.h"
#include "rules/parse_rules.h"
#include "rules/rule_text.h"
#include "rules/suppressions.h"

namespace sagemem::cli {
namespace {

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

using report::MomentQuery;

void add_moment(CLI::App& app, const char* name, analysis::Moment& moment,
                std::string& text) {
  app.add_option_function<std::string>(
         name,
         [name, &moment, &text](const std::string& given) {
           const auto parsed = analysis::parse_moment(given);
           if (!parsed)
             throw CLI::ValidationError(name, "not a moment: " + given);
           moment = *parsed;
           text = given;
         },
         "1.5s or another time, peak, end, scope:NAME=NUMBER (its end), "
         "scope:NAME=NUMBER:begin")
      ->type_name("")
      ->required();
}

void add_traces(CLI::App& app, Options& options) {
  using Names = std::vector<std::string>;
  app.add_option_function<Names>(
         "TRACE",
         [&options](const Names& names) {
           options.traces.insert(options.traces.end(), names.begin(),
                                 names.end());
         },
         "Trace files, *.smt")
      ->type_name("");
}

}  // namespace

void add_suppression_options(CLI::App& app, report::LeakQuery& query) {
  app.add_option_function<std::vector<std::string>>(
         "--suppressions",
         [&query](const std::vector<std::string>& files) {
           for (const std::string& file : files) {
             // Now, so that a mistake in it is one of the command line.
             try {
               (void)rules::load_suppressions(file);
             } catch (const rules::RuleError& error) {
               throw CLI::ValidationError("--suppressions", error.what());
             }
             query.suppressions.push_back(file);
           }
         },
         "Leave out the leaks that the file names, in the language of "
         "LeakSanitizer or of valgrind; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag_callback(
      "--no-built-in-suppressions", [&query] { query.has_built_in = false; },
      "Tell of the leaks of well-known libraries, too");
}

void add_scopes_options(CLI::App& app, Options& options) {
  add_common_options(app, options);
  add_form_options(app, options);
  add_filter_options(app, options);
  add_scope_lists(app, options.query.scopes);
  add_scope_forecasts(app, options.query.scopes);
}

void add_leaks_options(CLI::App& app, Options& options) {
  add_report_options(app, options);
  add_suppression_options(app, options.query.leaks);
  app.add_option("--write-suppressions", options.query.leaks.write_to,
                 "Write there what would suppress all that is lost")
      ->type_name("FILE");
}

void add_lifetimes_options(CLI::App& app, Options& options) {
  add_report_options(app, options);
  app.add_flag("--by-site", options.query.lifetimes_by_site,
               "For each allocation site too");
}

// Before TRACE, which takes all that is left.
void add_at_options(CLI::App& app, Options& options) {
  MomentQuery& query = options.query.moments;
  add_moment(app, "MOMENT", query.from, query.from_text);
  add_report_options(app, options);
}

void add_between_options(CLI::App& app, Options& options) {
  MomentQuery& query = options.query.moments;
  add_moment(app, "FROM", query.from, query.from_text);
  add_moment(app, "TO", query.to, query.to_text);
  add_report_options(app, options);
}

void add_tree_options(CLI::App& app, Options& options) {
  add_report_options(app, options);
  analysis::TreeQuery& query = options.query.tree;
  app.add_flag("--bottom-up", query.is_bottom_up,
               "From the allocation sites outward to their callers");
  app.add_option_function<std::string>(
         "--by",
         [&query](const std::string& name) {
           query.by = *analysis::find_tree_measure(name);
         },
         "peak, leaked, allocated, blocks or temporary")
      ->type_name("MEASURE")
      ->check([](const std::string& name) {
        return analysis::find_tree_measure(name) ? "" : "no measure: " + name;
      });
}

void add_diff_options(CLI::App& app, Options& options) {
  add_report_options(app, options);
  app.add_option_function<double>(
         "--noise",
         [&options](double percent) { options.query.noise = percent / 100; },
         "What changed by less is no difference, in percent; 1 without it")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
}

void add_pack_options(CLI::App& app, Options& options) {
  add_traces(app, options);
  app.add_option("-o,--output", options.output,
                 "Write the packed trace there, leave the other as it is")
      ->type_name("FILE");
}

void add_symbolize_options(CLI::App& app, Options& options) {
  add_traces(app, options);
  app.add_option("-o,--output", options.output,
                 "Write the trace there, leave the other as it is")
      ->type_name("FILE");
  add_sysroot(app, options);
}

void add_export_options(CLI::App& app, Options& options) {
  std::vector<std::string> names;
  for (const exports::Format& format : exports::formats())
    names.emplace_back(format.name);
  app.add_option("FORMAT", options.format,
                 "What to write: " + CLI::detail::join(names, ", "))
      ->type_name("")
      ->required()
      ->check([](const std::string& name) {
        return exports::find_format(name) != nullptr
                   ? ""
                   : "no such format: " + name;
      });
  add_traces(app, options);
  app.add_option("-o,--output", options.output, "Write there")
      ->type_name("FILE");
  app.add_option_function<std::string>(
         "--value",
         [&options](const std::string& name) {
           options.exports.value = *exports::find_value(name);
         },
         "Which number: peak, leaked, allocated, blocks, temporary")
      ->type_name("VALUE")
      ->check([](const std::string& name) {
        return exports::find_value(name) ? "" : "no such value: " + name;
      });
  app.add_option("--table", options.exports.table, "Of csv: which table")
      ->type_name("TABLE")
      ->check([](const std::string& name) {
        return exports::find_table(name) != nullptr ? ""
                                                    : "no such table: " + name;
      });
  add_wrapper_and_profile(app, options);
  add_sysroot(app, options);
}

}  // namespace sagemem::cli
