// SPDX-License-Identifier: Apache-2.0
#include "cli/run_report.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "analysis/breakdown.h"
#include "analysis/choose_rules.h"
#include "analysis/infer_scopes.h"
#include "analysis/sites.h"
#include "cli/each_trace.h"
#include "cli/subcommands.h"
#include "decode/symbol_section.h"
#include "decode/trace_file.h"
#include "model/replay.h"
#include "report/page.h"
#include "report/progress.h"
#include "report/reports.h"
#include "report/scopes.h"
#include "report/subject.h"
#include "rules/built_in.h"

namespace sagemem::cli {
namespace {

std::size_t top_entries(const Options& options) {
  if (options.top) return *options.top;
  if (options.json || options.subcommand->report == nullptr) return 0;
  return options.subcommand->report->top;
}

model::Profile replay_with_progress(const std::string& trace,
                                    const decode::TraceFile& file,
                                    const model::ReplayOptions& options = {}) {
  report::ProgressBar progress(trace);
  return model::replay(file, options,
                       [&progress](double share) { progress.update(share); });
}

std::uint64_t count_segments(const decode::TraceFile& file) {
  std::uint64_t count = 0;
  for (const decode::Writer& writer : file.writers())
    count += writer.segments.size();
  return count;
}

// Once, as a rule.  Again, where scopes have to be found in the call stacks,
// which need names for that; and again, where the stacks of some scopes are
// asked for.
model::Profile replay_for(const std::string& trace,
                          const decode::TraceFile& file, const Options& options,
                          unsigned needs,
                          const decode::SymbolSection* embedded) {
  model::Profile profile = replay_with_progress(trace, file);
  if ((needs & report::kInferredScopes) == 0) return profile;
  model::ReplayOptions again;
  {
    symbolize::Symbolizer symbols(profile.modules, options.search, embedded);
    again.inferred = analysis::rules_to_infer(profile, symbols);
  }
  if (!again.inferred.empty()) {
    profile = replay_with_progress(trace, file, again);
  }
  if ((needs & report::kWatchedScopes) != 0) {
    again.watched_scopes = report::scopes_to_watch(
        profile.scopes, options.query.scopes, top_entries(options));
  }
  if (!again.watched_scopes.empty()) {
    profile = replay_with_progress(trace, file, again);
  }
  analysis::mark_inferred(profile.scopes, again.inferred);
  return profile;
}

analysis::Breakdown make_breakdown(const std::string& trace,
                                   const decode::TraceFile& file,
                                   const model::Profile& profile,
                                   symbolize::Symbolizer& symbols,
                                   symbolize::SourceText& sources,
                                   const analysis::SiteTable& sites,
                                   const Options& options, unsigned needs) {
  const rules::ProgramRules rules =
      options.rules ? *options.rules
                    : rules::load_rules(analysis::choose_profile(symbols));
  analysis::Breakdown breakdown =
      analysis::find_breakdown(profile, symbols, sources, sites, rules);
  const bool is_near =
      std::any_of(breakdown.limits.begin(), breakdown.limits.end(),
                  [](const auto& limit) { return limit.is_near(); });
  if ((needs & report::kOverTime) != 0 ||
      (is_near && (needs & report::kNearLimits) != 0)) {
    analysis::count_over_time(breakdown, profile, [&](const auto& again) {
      return replay_with_progress(trace, file, again);
    });
  }
  return breakdown;
}

void print(const report::Subject& subject, const Options& options,
           report::Output& out) {
  const report::Report& report = *options.subcommand->report;
  if (options.json) return report.write_json(out, subject);
  report::Page page(report::detect_terminal(stdout, options.color));
  const bool is_one_of_several = options.traces.size() > 1;
  if (is_one_of_several) page.field("Trace", page.clean(subject.trace));
  report.print(page, subject);
  if (is_one_of_several) page.blank();
  out.write(page.text());
}

}  // namespace

void with_subject(const std::string& trace, const Options& options,
                  unsigned needs,
                  const std::function<void(const report::Subject&)>& take) {
  const auto file = decode::TraceFile::open(trace);
  const auto embedded = decode::parse_symbols(file.symbol_bytes());
  const model::Profile profile =
      replay_for(trace, file, options, needs, embedded.get());
  symbolize::Symbolizer symbols(profile.modules, options.search,
                                embedded.get());
  analysis::WrapperList wrappers;
  for (const std::string& pattern : options.wrappers) wrappers.add(pattern);
  const analysis::SiteTable sites =
      analysis::find_sites(profile, symbols, wrappers);
  symbolize::SourceText sources(profile.header.start_realtime_ns,
                                options.search, embedded.get());
  const analysis::Breakdown breakdown = make_breakdown(
      trace, file, profile, symbols, sources, sites, options, needs);
  const report::Subject subject{
      .trace = trace,
      .profile = profile,
      .symbols = symbols,
      .sites = sites,
      .sources = sources,
      .breakdown = breakdown,
      .segments = count_segments(file),
      .top = top_entries(options),
      .stacks = options.stacks,
      .query = options.query,
      .replay = [&](const model::ReplayOptions& again) {
        return replay_with_progress(trace, file, again);
      }};
  take(subject);
}

void report_trace(const std::string& trace, const Options& options,
                  report::Output& out) {
  with_subject(
      trace, options, options.subcommand->report->needs,
      [&](const report::Subject& subject) { print(subject, options, out); });
}

int run_reports(const Options& options, report::Output& out) {
  return each_trace(options, [&](const std::string& trace) {
    report_trace(trace, options, out);
  });
}

}  // namespace sagemem::cli
