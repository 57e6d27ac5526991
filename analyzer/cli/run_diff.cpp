// SPDX-License-Identifier: Apache-2.0
#include "cli/run_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/each_trace.h"
#include "cli/exit_codes.h"
#include "cli/run_report.h"
#include "report/diff.h"
#include "report/page.h"
#include "report/reports.h"

namespace sagemem::cli {
namespace {

void print(const report::Subject& before, const report::Subject& after,
           const Options& options, report::Output& out) {
  const report::DiffSubject subject = report::compare(before, after);
  if (options.json)
    return out.write(report::to_text(report::diff_json(subject)));
  if (options.csv) return report::diff_csv(out, subject);
  report::Page page(report::detect_terminal(stdout, options.color));
  report::print_diff(page, subject);
  out.write(page.text());
}

}  // namespace

int run_diff(const Options& options, report::Output& out) {
  if (options.traces.size() != 2 || options.follows) {
    fmt::print(stderr,
               "sagemem-report: diff takes two traces, OLD and NEW, "
               "and does not follow\n");
    return kExitUsage;
  }
  const std::string& old_trace = options.traces.front();
  const std::string& new_trace = options.traces.back();
  int status = kExitOk;
  const int old_status = try_trace(old_trace, [&] {
    with_subject(old_trace, options, report::kInferredScopes,
                 [&](const report::Subject& before) {
                   status = try_trace(new_trace, [&] {
                     with_subject(new_trace, options, report::kInferredScopes,
                                  [&](const report::Subject& after) {
                                    print(before, after, options, out);
                                  });
                   });
                 });
  });
  return std::max(status, old_status);
}

}  // namespace sagemem::cli
