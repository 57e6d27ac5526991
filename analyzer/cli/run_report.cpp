// SPDX-License-Identifier: Apache-2.0
#include "cli/run_report.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/block_query.h"
#include "analysis/breakdown.h"
#include "analysis/choose_rules.h"
#include "analysis/infer_scopes.h"
#include "analysis/limit_watch.h"
#include "analysis/mask_run.h"
#include "analysis/sites.h"
#include "cli/each_trace.h"
#include "cli/follow.h"
#include "cli/subcommands.h"
#include "decode/symbol_section.h"
#include "decode/trace_file.h"
#include "model/replay_each.h"
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
  if (options.json || options.csv || options.subcommand->report == nullptr)
    return 0;
  return options.subcommand->report->top;
}

// Replays one trace as often as it takes.
class TraceReader {
 public:
  TraceReader(const std::string& trace, const decode::TraceFile& file,
              const Options& options)
      : trace_(trace), file_(file) {
    if (options.max_memory) common_.max_resident = *options.max_memory;
  }

  // What every replay has: a bound on memory, scopes to infer, a filter; and
  // those that a profile comes from, who says how near it came to limits.
  model::ReplayOptions& common() { return common_; }
  // The same of scopes: those to be made anew, those that a profile has added.
  model::EachScopesOf& each() { return each_; }
  std::vector<model::ScopeRule>& added() { return added_; }

  [[nodiscard]] model::Profile read_profile(
      model::ReplayOptions options = {}) const {
    options.grouper = common_.grouper;
    return read(options);
  }
  [[nodiscard]] model::Profile read(const model::ReplayOptions& asked) const {
    model::ReplayOptions options = asked;
    options.inferred = common_.inferred;
    options.filter = common_.filter;
    if (asked.filter.scopes) options.filter.scopes = asked.filter.scopes;
    options.max_resident = common_.max_resident;
    report::ProgressBar progress(trace_);
    model::Profile profile =
        model::replay(file_, options, each_,
                      [&progress](double share) { progress.update(share); });
    analysis::mark_inferred(profile.scopes, options.inferred, added_);
    return profile;
  }

 private:
  const std::string& trace_;
  const decode::TraceFile& file_;
  model::ReplayOptions common_;
  mutable model::EachScopesOf each_;
  std::vector<model::ScopeRule> added_;
};

std::uint64_t count_segments(const decode::TraceFile& file) {
  std::uint64_t count = 0;
  for (const decode::Writer& writer : file.writers())
    count += writer.segments.size();
  return count;
}

// By the rules of the trace, or of the profile that its program calls for.
void find_inferred(TraceReader& reader, const model::Profile& profile,
                   symbolize::Symbolizer& symbols, const Options& options) {
  if (analysis::knows_scopes(profile)) {
    reader.common().inferred = analysis::rules_to_infer(profile, symbols);
    return;
  }
  if (!options.rules) analysis::look_into_modules(profile.stacks, symbols);
  analysis::AddedScopes scopes = analysis::scopes_to_infer(
      profile,
      options.rules ? *options.rules
                    : rules::load_rules(analysis::choose_profile(symbols)),
      symbols);
  reader.common().inferred = std::move(scopes.inferred);
  reader.added() = std::move(scopes.added);
}

// Of all blocks.  Once, as a rule; again, where scopes have to be found in the
// call stacks, which need names for that.
model::Profile read_whole(TraceReader& reader, const Options& options,
                          unsigned needs,
                          const decode::SymbolSection* embedded) {
  model::Profile profile = reader.read_profile();
  if ((needs & report::kInferredScopes) == 0 &&
      options.query.blocks.scopes.empty()) {
    return profile;
  }
  symbolize::Symbolizer symbols(profile.modules, options.search, embedded);
  find_inferred(reader, profile, symbols, options);
  reader.each().rules = model::choose_each_rules(reader.each().learned);
  const bool is_enough =
      reader.common().inferred.empty() && reader.each().rules.empty();
  return is_enough ? std::move(profile) : reader.read_profile();
}

analysis::SiteTable name_sites(const model::Profile& profile,
                               symbolize::Symbolizer& symbols,
                               const Options& options) {
  analysis::WrapperList wrappers;
  for (const std::string& pattern : options.wrappers) wrappers.add(pattern);
  return analysis::find_sites(profile, symbols, wrappers);
}

// All that is known of one trace, for one report or export.  First all blocks,
// which is where names, categories and scopes come from; then the chosen ones,
// where that is not the same.
class Job {
 public:
  Job(const std::string& trace, const Options& options, unsigned needs)
      : trace_(trace),
        options_(options),
        needs_(needs),
        file_(decode::TraceFile::open(trace)),
        embedded_(decode::parse_symbols(file_.symbol_bytes())),
        symbols_({}, options.search, embedded_.get()),
        limit_watch_(symbols_, options.rules ? &*options.rules : nullptr),
        reader_(trace, file_, options),
        whole_(read_whole()),
        sites_(name_sites(whole_, symbols_, options)),
        sources_(whole_.header.start_realtime_ns, options.search,
                 embedded_.get()) {}

  void run(const std::function<void(const report::Subject&)>& take) {
    const rules::ProgramRules rules =
        options_.rules ? *options_.rules
                       : rules::load_rules(analysis::choose_profile(symbols_));
    choose_blocks(rules);
    watch_scopes();
    // By all sites: which call of a function is the first one does not depend
    // on what is chosen.
    breakdown_ =
        analysis::find_breakdown(profile(), symbols_, sources_, sites_, rules);
    count_over_time();
    if (profile().is_filtered) leave_out_sites();
    if (options_.is_reproducible) mask();
    hand_to(take);
  }

 private:
  // Of all blocks.  Where others are asked for, whose limits these are is not
  // known yet.
  model::Profile read_whole() {
    if (has_need(report::kNearLimits) && options_.query.blocks.is_empty())
      reader_.common().grouper = &limit_watch_;
    model::Profile profile =
        cli::read_whole(reader_, options_, needs_, embedded_.get());
    symbols_.extend(profile.modules);
    return profile;
  }
  [[nodiscard]] const model::Profile& profile() const {
    return chosen_ ? *chosen_ : whole_;
  }
  [[nodiscard]] analysis::ReplayAgain replay() const {
    return [this](const model::ReplayOptions& again) {
      return reader_.read(again);
    };
  }

  void choose_blocks(const rules::ProgramRules& rules);
  void watch_scopes();
  void count_over_time();
  void leave_out_sites();
  void mask();
  void hand_to(const std::function<void(const report::Subject&)>& take);
  [[nodiscard]] bool has_need(report::Need need) const {
    return (needs_ & need) != 0;
  }

  const std::string& trace_;
  const Options& options_;
  const unsigned needs_;
  const decode::TraceFile file_;
  const std::unique_ptr<const decode::SymbolSection> embedded_;
  symbolize::Symbolizer symbols_;
  analysis::LimitWatch limit_watch_;
  TraceReader reader_;
  const model::Profile whole_;
  analysis::SiteTable sites_;
  symbolize::SourceText sources_;
  analysis::Breakdown breakdown_;
  std::vector<std::string> missing_;
  std::optional<model::Profile> chosen_;
};

void Job::choose_blocks(const rules::ProgramRules& rules) {
  analysis::ChosenBlocks blocks = analysis::choose_blocks(
      options_.query.blocks, whole_, symbols_, sources_, sites_, rules);
  missing_ = std::move(blocks.missing);
  if (blocks.filter.is_empty()) return;
  reader_.common().filter = std::move(blocks.filter);
  if (has_need(report::kNearLimits)) reader_.common().grouper = &limit_watch_;
  chosen_ = reader_.read_profile();
}

// The stacks of the scopes that are asked for.
void Job::watch_scopes() {
  if (!has_need(report::kWatchedScopes)) return;
  model::ReplayOptions watching;
  watching.watched_scopes = report::scopes_to_watch(
      profile().scopes, options_.query.scopes, top_entries(options_));
  if (!watching.watched_scopes.empty())
    chosen_ = reader_.read_profile(watching);
}

void Job::count_over_time() {
  const bool is_near =
      std::any_of(breakdown_.limits.begin(), breakdown_.limits.end(),
                  [](const auto& limit) { return limit.is_near(); });
  const bool is_asked = has_need(report::kOverTime);
  if (!is_asked && !(is_near && has_need(report::kNearLimits))) return;
  if (!is_asked && limit_watch_.fill(profile(), breakdown_)) return;
  analysis::count_over_time(breakdown_, replay());
}

void Job::leave_out_sites() {
  sites_ =
      analysis::restrict_sites(sites_, profile(), [this](model::StackId stack) {
        return profile().uses[stack].allocations != 0;
      });
}

void Job::mask() {
  if (!chosen_) chosen_ = whole_;
  analysis::mask_run(*chosen_);
  analysis::mask_run(breakdown_);
}

void Job::hand_to(const std::function<void(const report::Subject&)>& take) {
  const bool is_masked = options_.is_reproducible;
  take({.trace = is_masked ? "" : trace_,
        .profile = profile(),
        .symbols = symbols_,
        .sites = sites_,
        .sources = sources_,
        .breakdown = breakdown_,
        .segments = is_masked ? 0 : count_segments(file_),
        .top = top_entries(options_),
        .stacks = options_.stacks,
        .query = options_.query,
        .missing = missing_,
        .is_reproducible = is_masked,
        .is_one_of_several = options_.traces.size() > 1,
        .is_first = trace_ == options_.traces.front(),
        .replay = replay()});
}

}  // namespace

void with_subject(const std::string& trace, const Options& options,
                  unsigned needs,
                  const std::function<void(const report::Subject&)>& take) {
  Job(trace, options, needs).run(take);
}

void print_report(const report::Subject& subject, const Options& options,
                  report::Output& out) {
  const report::Report& report = *options.subcommand->report;
  if (options.json) return report.write_json(out, subject);
  if (options.csv) return report.write_csv(out, subject);
  report::Page page(report::detect_terminal(stdout, options.color));
  if (subject.is_one_of_several) page.field("Trace", page.clean(subject.trace));
  report.print(page, subject);
  if (subject.is_one_of_several) page.blank();
  out.write(page.text());
}

int run_reports(const Options& options, report::Output& out) {
  if (options.follows) return follow(options, out);
  return each_trace(options, [&](const std::string& trace) {
    with_subject(trace, options, options.subcommand->report->needs,
                 [&](const report::Subject& subject) {
                   print_report(subject, options, out);
                 });
  });
}

}  // namespace sagemem::cli
