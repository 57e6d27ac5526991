// SPDX-License-Identifier: Apache-2.0
#include "cli/run_report.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "analysis/breakdown.h"
#include "analysis/choose_rules.h"
#include "analysis/infer_scopes.h"
#include "analysis/sites.h"
#include "decode/trace_file.h"
#include "model/replay.h"
#include "report/categories.h"
#include "report/dump.h"
#include "report/info.h"
#include "report/json.h"
#include "report/leaks.h"
#include "report/page.h"
#include "report/peak.h"
#include "report/progress.h"
#include "report/sites.h"
#include "report/subject.h"
#include "report/summary.h"
#include "rules/built_in.h"

namespace sagemem::cli {
namespace {

constexpr std::size_t kTopOfSummary = 5;
constexpr std::size_t kTopOfLists = 20;

std::size_t top_entries(const Options& options) {
  if (options.top) return *options.top;
  if (options.json) return 0;
  return options.command == Command::Summary ? kTopOfSummary : kTopOfLists;
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

report::Json make_json(const report::Subject& subject, Command command) {
  switch (command) {
    case Command::Peak:
      return report::peak_json(subject);
    case Command::Leaks:
      return report::leaks_json(subject);
    case Command::Sites:
      return report::sites_json(subject);
    case Command::Categories:
      return report::categories_json(subject);
    case Command::Info:
      return report::info_json(subject);
    case Command::Summary:
    case Command::Scopes:
    case Command::Dump:
    case Command::Pack:
      break;
  }
  return report::summary_json(subject);
}

void print_text(report::Page& page, const report::Subject& subject,
                Command command) {
  switch (command) {
    case Command::Peak:
      return report::print_peak(page, subject);
    case Command::Leaks:
      return report::print_leaks(page, subject);
    case Command::Sites:
      return report::print_sites(page, subject);
    case Command::Categories:
      return report::print_categories(page, subject);
    case Command::Info:
      return report::print_info(page, subject);
    case Command::Summary:
    case Command::Scopes:
    case Command::Dump:
    case Command::Pack:
      return report::print_summary(page, subject);
  }
}

void run_dump(const std::string& trace, const decode::TraceFile& file,
              const Options& options, report::Output& out) {
  if (options.json) return report::print_dump_json(out, trace, file);
  report::print_dump(out, file);
}

// Once, as a rule.  Again, where scopes have to be found in the call stacks,
// which need names for that; and again, where the stacks of some scopes are
// asked for.
model::Profile replay_for(const std::string& trace,
                          const decode::TraceFile& file,
                          const Options& options) {
  model::Profile profile = replay_with_progress(trace, file);
  const bool is_of_scopes = options.command == Command::Scopes;
  if (!is_of_scopes && options.command != Command::Summary) return profile;
  model::ReplayOptions again;
  {
    symbolize::Symbolizer symbols(profile.modules);
    again.inferred = analysis::rules_to_infer(profile, symbols);
  }
  if (!again.inferred.empty()) {
    profile = replay_with_progress(trace, file, again);
  }
  if (is_of_scopes) {
    again.watched_scopes = report::scopes_to_watch(
        profile.scopes, options.scopes, top_entries(options));
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
                                   const Options& options) {
  const rules::ProgramRules rules =
      options.rules ? *options.rules
                    : rules::load_rules(analysis::choose_profile(symbols));
  analysis::Breakdown breakdown =
      analysis::find_breakdown(profile, symbols, sources, sites, rules);
  const bool is_near =
      std::any_of(breakdown.limits.begin(), breakdown.limits.end(),
                  [](const auto& limit) { return limit.is_near(); });
  if (options.command == Command::Categories ||
      (is_near && (options.command == Command::Summary ||
                   options.command == Command::Scopes))) {
    analysis::count_over_time(breakdown, profile, [&](const auto& again) {
      return replay_with_progress(trace, file, again);
    });
  }
  return breakdown;
}

}  // namespace

void run_report(const std::string& trace, const Options& options,
                report::Output& out) {
  const auto file = decode::TraceFile::open(trace);
  if (options.command == Command::Dump)
    return run_dump(trace, file, options, out);

  const model::Profile profile = replay_for(trace, file, options);
  symbolize::Symbolizer symbols(profile.modules);
  analysis::WrapperList wrappers;
  for (const std::string& pattern : options.wrappers) wrappers.add(pattern);
  const analysis::SiteTable sites =
      analysis::find_sites(profile, symbols, wrappers);
  symbolize::SourceText sources(profile.header.start_realtime_ns);
  const analysis::Breakdown breakdown =
      make_breakdown(trace, file, profile, symbols, sources, sites, options);
  const report::Subject subject{.trace = trace,
                                .profile = profile,
                                .symbols = symbols,
                                .sites = sites,
                                .sources = sources,
                                .breakdown = breakdown,
                                .segments = count_segments(file),
                                .top = top_entries(options),
                                .stacks = options.stacks};
  const bool is_of_scopes = options.command == Command::Scopes;
  if (options.json && is_of_scopes)
    return report::print_scopes_json(out, subject, options.scopes);
  if (options.json)
    return out.write(report::to_text(make_json(subject, options.command)));
  report::Page page(report::detect_terminal(stdout, options.color));
  if (options.traces.size() > 1) page.field("Trace", page.clean(trace));
  if (is_of_scopes) {
    report::print_scopes(page, subject, options.scopes);
  } else {
    print_text(page, subject, options.command);
  }
  if (options.traces.size() > 1) page.blank();
  out.write(page.text());
}

}  // namespace sagemem::cli
