// SPDX-License-Identifier: Apache-2.0
#include "cli/run_check.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/each_trace.h"
#include "cli/exit_codes.h"
#include "cli/load_gate.h"
#include "cli/run_report.h"
#include "exports/output_file.h"
#include "gate/check.h"
#include "gate/outputs.h"
#include "gate/write_baseline.h"
#include "report/page.h"
#include "rules/parse_rules.h"

namespace sagemem::cli {
namespace {

static_assert(gate::kExitHolds == kExitOk);
static_assert(gate::kExitBroken == kExitRuleBroken);
static_assert(gate::kExitUnreadable == kExitUnreadable);

const char* unit_text(const gate::Figure& figure) {
  return figure.has(gate::kByBaseline) ? "a count, with a baseline"
                                       : gate::describe(figure.unit);
}

// "site(..).leaked.bytes  bytes  the bytes of these"; of blocks once for all
// that choose them.
int list_figures(report::Output& out) {
  for (const gate::Figure& one : gate::all_figures()) {
    const gate::AboutName& about = gate::about_name(one.about);
    std::string name = about.name.empty()
                           ? std::string(one.name)
                           : fmt::format("{}(..).{}", about.name, one.name);
    if (one.aggregate != gate::Aggregate::None)
      name = fmt::format("{}({})", gate::aggregate_name(one.aggregate), name);
    out.write(
        fmt::format("{:<32}  {:<15}  {}\n", name, unit_text(one), one.meaning));
  }
  return kExitOk;
}

// A baseline of another program is no mistake, as names change, but a surprise.
void warn_of_other_program(const report::Subject& subject,
                           const gate::Baseline& baseline,
                           const std::string& path) {
  const std::string program = gate::program_of(subject.profile);
  if (program == baseline.program) return;
  fmt::print(stderr, "sagemem-report: {}: {} is a baseline of {}, this is {}\n",
             subject.trace, path, baseline.program, program);
}

// With what the rules say beside rules.
gate::Verdicts check_all(Options options, const Gate& gate,
                         gate::SourcePaths& paths) {
  const bool is_reproducible = options.is_reproducible;
  // What is masked is what is shown: rules are about what was.
  options.is_reproducible = false;
  const unsigned needs = gate::needs_of(gate::uses_of(gate.rules));
  const gate::Baseline* const baseline =
      gate.baseline ? &*gate.baseline : nullptr;
  gate::Verdicts verdicts;
  for (const std::string& trace : options.traces) {
    gate::Verdict verdict;
    const std::string problem = problem_with([&] {
      with_subject(trace, options, needs, [&](const report::Subject& subject) {
        if (baseline != nullptr)
          warn_of_other_program(subject, *baseline, gate.baseline_path);
        verdict = gate::check_trace(subject, gate.rules, baseline, paths);
      });
    });
    if (!problem.empty()) {
      verdict = {};
      verdict.trace = trace;
      verdict.error = problem;
      fmt::print(stderr, "sagemem-report: {}: {}\n", trace, problem);
    }
    if (is_reproducible) gate::mask_run(verdict, paths);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

void write_files(const CheckOptions& check, const gate::Verdicts& verdicts,
                 gate::SourcePaths& paths) {
  if (!check.junit.empty())
    exports::write_text(check.junit, gate::to_junit(verdicts));
  if (!check.sarif.empty())
    exports::write_text(check.sarif, gate::to_sarif(verdicts, paths));
  if (!check.gitlab.empty())
    exports::write_text(check.gitlab, gate::to_gitlab(verdicts, paths));
  if (!check.markdown.empty())
    exports::write_text(check.markdown, gate::to_markdown(verdicts));
}

// Whether somebody reads it does not matter to what it ends with.
void print(const Options& options, const gate::Verdicts& verdicts,
           gate::SourcePaths& paths, report::Output& out) try {
  if (options.json) {
    out.write(gate::to_json(verdicts));
  } else {
    report::Page page(report::detect_terminal(stdout, options.color));
    gate::print_verdicts(page, verdicts);
    out.write(page.text());
  }
  if (options.check.github) out.write(gate::to_github(verdicts, paths));
  out.flush();
} catch (const report::OutputClosed&) {
}

}  // namespace

int run_check(const Options& options, report::Output& out) {
  if (options.check.list_figures) return list_figures(out);
  if (options.follows) {
    fmt::print(stderr,
               "sagemem-report: check takes runs that have ended, and does not "
               "follow\n");
    return kExitUsage;
  }
  try {
    const Gate gate = load_gate(options.check);
    const Options whole = with_rules(options, gate.rules);
    if (options.check.rules_only) return kExitOk;
    gate::SourcePaths paths(options.check.source_root);
    const gate::Verdicts verdicts = check_all(whole, gate, paths);
    // The files first: the reader of the other may leave early.
    write_files(options.check, verdicts, paths);
    print(options, verdicts, paths, out);
    return gate::exit_code(verdicts);
  } catch (const rules::RuleError& error) {
    fmt::print(stderr, "sagemem-report: {}\n", error.what());
    return kExitUsage;
  }
}

}  // namespace sagemem::cli
