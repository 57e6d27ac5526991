// SPDX-License-Identifier: Apache-2.0
//
// Folded stacks: one line for each stack, functions outermost first, then a
// blank and the number.  flamegraph.pl, inferno and speedscope read it.
//
//   main;run_sage;load_forest 1694720
//
// A semicolon in a name is written as \x3b.
#include <fmt/format.h>

#include <map>

#include "exports/exporter.h"

namespace sagemem::exports {
namespace {

std::string folded_name(const symbolize::Location& location) {
  std::string name;
  for (const char c : clean(location.name())) {
    if (c == ';')
      name += "\\x3b";
    else
      name += c;
  }
  return name;
}

}  // namespace

void write_folded(report::Output& out, const report::Subject& subject,
                  const ExportOptions& options) {
  // Lines are not in it: stacks that differ in those alone are one line.
  std::map<std::string, std::uint64_t> lines;
  for (const Sample& sample : find_samples(subject)) {
    const std::uint64_t value = value_of(sample.use, options.value);
    if (value == 0) continue;
    std::string line;
    for (const symbolize::Location* place : sample.path) {
      if (!line.empty()) line += ';';
      line += folded_name(*place);
    }
    if (line.empty()) line = "[no stack]";
    lines[line] += value;
  }
  for (const auto& [line, value] : lines)
    out.write(fmt::format("{} {}\n", line, value));
}

}  // namespace sagemem::exports
