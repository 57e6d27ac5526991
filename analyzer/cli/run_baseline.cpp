// SPDX-License-Identifier: Apache-2.0
#include "cli/run_baseline.h"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "cli/each_trace.h"
#include "cli/exit_codes.h"
#include "cli/load_gate.h"
#include "cli/run_report.h"
#include "exports/output_file.h"
#include "gate/recording.h"
#include "gate/write_baseline.h"
#include "report/reports.h"
#include "rules/parse_rules.h"

namespace sagemem::cli {
namespace {

int write_out(const std::vector<gate::Baseline>& baselines,
              const CheckOptions& check, report::Output& out) {
  const std::string text = gate::to_text(gate::merge(baselines));
  if (check.output.empty()) {
    out.write(text);
  } else {
    exports::write_text(check.output, text);
  }
  return kExitOk;
}

int merge_baselines(const Options& options, report::Output& out) {
  std::vector<gate::Baseline> baselines;
  for (const std::string& path : options.traces)
    baselines.push_back(gate::load_baseline(path));
  return write_out(baselines, options.check, out);
}

// A run that was not seen to its end, or not as a whole, is no measure.
bool is_whole(const std::string& trace, const report::Subject& subject) {
  const std::vector<std::string> gaps = gate::find_gaps(subject).gaps();
  for (const std::string& gap : gaps)
    fmt::print(stderr, "sagemem-report: {}: incomplete, no baseline: {}\n",
               trace, gap);
  return gaps.empty();
}

int write_baseline(const Options& given, report::Output& out) {
  const gate::RuleSet rules = load_gate_rules(given.check);
  const Options options = with_rules(given, rules);
  const unsigned needs = report::kInferredScopes | report::kOverTime;
  std::vector<gate::Baseline> baselines;
  const int status = each_trace(options, [&](const std::string& trace) {
    with_subject(trace, options, needs, [&](const report::Subject& subject) {
      if (is_whole(trace, subject))
        baselines.push_back(gate::baseline_of(subject, gate::uses_of(rules)));
    });
  });
  if (status != kExitOk) return status;
  if (baselines.size() != options.traces.size()) return kExitUnreadable;
  return write_out(baselines, options.check, out);
}

}  // namespace

int run_baseline(const Options& options, report::Output& out) {
  try {
    return options.check.action == "merge" ? merge_baselines(options, out)
                                           : write_baseline(options, out);
  } catch (const rules::RuleError& error) {
    fmt::print(stderr, "sagemem-report: {}\n", error.what());
    return kExitUsage;
  }
}

}  // namespace sagemem::cli
