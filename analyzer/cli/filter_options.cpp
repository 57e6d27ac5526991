// SPDX-License-Identifier: Apache-2.0
#include "cli/filter_options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <limits>

#include "rules/rule_text.h"

namespace sagemem::cli {
namespace {

using Names = std::vector<std::string>;
constexpr const char* kGroup = "Which blocks";

[[noreturn]] void refuse(const std::string& option, const char* what,
                         const std::string& text) {
  throw CLI::ValidationError(option, std::string("not ") + what + ": " + text);
}

// "A..B", "A..", "..B"; where there is no ".." both ends are the same.
template <typename Number, typename Parse>
model::Range<Number> parse_range(const std::string& option,
                                 const std::string& text, const Parse& parse) {
  const std::size_t dots = text.find("..");
  const std::string low = text.substr(0, dots);
  const std::string high =
      dots == std::string::npos ? low : text.substr(dots + 2);
  model::Range<Number> range{0, std::numeric_limits<Number>::max()};
  const auto read = [&](const std::string& end, Number& value) {
    if (end.empty() && dots != std::string::npos && text.size() > 2) return;
    const auto parsed = end == "0" ? std::optional<Number>(0) : parse(end);
    if (!parsed) refuse(option, "A..B", text);
    value = *parsed;
  };
  read(low, range.low);
  read(high, range.high);
  if (range.low > range.high) refuse(option, "A..B", text);
  return range;
}

analysis::ScopeName parse_scope_name(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  analysis::ScopeName name;
  if (equals == std::string::npos) refuse("--scope", "NAME=NUMBER", text);
  name.rule = text.substr(0, equals);
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + equals + 1, end, name.number);
  if (read.ec != std::errc{} || read.ptr != end)
    refuse("--scope", "NAME=NUMBER", text);
  return name;
}

// May be given several times.  Without allow_extra_args(false) it would swallow
// the traces behind it.
void add_repeated(CLI::App& app, const char* name, const char* type,
                  const char* help,
                  const std::function<void(const std::string&)>& take) {
  app.add_option_function<Names>(
         name,
         [take](const Names& texts) {
           for (const std::string& text : texts) take(text);
         },
         help)
      ->type_name(type)
      ->allow_extra_args(false)
      ->group(kGroup);
}

void add_texts(CLI::App& app, const char* name, const char* type,
               const char* help, Names& list) {
  add_repeated(app, name, type, help,
               [&list](const std::string& text) { list.push_back(text); });
}

}  // namespace

void add_form_options(CLI::App& app, Options& options) {
  app.add_flag("--csv", options.csv,
               "Print the table as CSV, in bytes and nanoseconds");
  add_reproducible(app, options);
}

void add_reproducible(CLI::App& app, Options& options) {
  app.add_flag("--reproducible", options.is_reproducible,
               "Leave out what changes from run to run: times, ids, the host");
  auto* follow = app.add_flag("--follow", options.follows,
                              "Print again and again while the program runs");
  app.add_option("--interval", options.interval_seconds,
                 "How often --follow does at the most; 2 without it")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0))
      ->needs(follow);
}

void add_filter_options(CLI::App& app, Options& options) {
  analysis::BlockQuery& query = options.query.blocks;
  add_texts(app, "--category", "NAME", "Those of a category", query.categories);
  add_texts(app, "--thread", "THREAD",
            "Those that a thread allocated: its number or name", query.threads);
  add_texts(app, "--function", "GLOB", "Those whose site is in a function",
            query.functions);
  add_texts(app, "--file", "GLOB", "Those whose site is in a source file",
            query.files);
  add_texts(app, "--module", "GLOB", "Those whose site is in a module",
            query.modules);
  add_texts(app, "--within", "GLOB",
            "Those with a function anywhere in their call stack", query.within);
  add_repeated(app, "--size", "A..B",
               "Those of a size, as in 4KiB..1MiB, 64.. or ..1KiB",
               [&query](const std::string& text) {
                 query.sizes.push_back(parse_range<std::uint64_t>(
                     "--size", text, rules::parse_bytes));
               });
  add_repeated(app, "--time", "A..B",
               "Those allocated in a time, as in 1.5s..2s or 200ms..",
               [&query](const std::string& text) {
                 query.times_ns.push_back(parse_range<std::int64_t>(
                     "--time", text, rules::parse_duration));
               });
}

void add_scope_filter(CLI::App& app, Options& options) {
  auto& scopes = options.query.blocks.scopes;
  add_repeated(app, "--scope", "NAME=NUMBER",
               "Those allocated in a scope, as in forest=812",
               [&scopes](const std::string& text) {
                 scopes.push_back(parse_scope_name(text));
               });
}

}  // namespace sagemem::cli
