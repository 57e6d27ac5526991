// SPDX-License-Identifier: Apache-2.0
#include "cli/run_export.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/each_trace.h"
#include "cli/exit_codes.h"
#include "cli/run_report.h"
#include "exports/output_file.h"
#include "report/reports.h"

namespace sagemem::cli {
namespace {

int refuse(const std::string& why) {
  fmt::print(stderr, "sagemem-report: {}\n", why);
  return kExitUsage;
}

}  // namespace

int run_export(const Options& options, report::Output& out) {
  const exports::Format& format = *exports::find_format(options.format);
  const std::string why = exports::refusal_of(format, options.output);
  if (!why.empty()) return refuse(why);
  if (options.traces.size() > 1) return refuse("export takes one trace");
  const unsigned needs = report::kInferredScopes |
                         (format.has_tables ? unsigned{report::kOverTime} : 0u);
  return each_trace(options, [&](const std::string& trace) {
    with_subject(trace, options, needs, [&](const report::Subject& subject) {
      exports::write_export(format, options.output, out, subject,
                            options.exports);
    });
  });
}

}  // namespace sagemem::cli
