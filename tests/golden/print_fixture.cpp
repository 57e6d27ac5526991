// SPDX-License-Identifier: Apache-2.0
//
// Prints one report of one fixture, for run_goldens.py:
//
//   print_fixture FIXTURE REPORT [OPTION...]
//
// REPORT: one of report/reports.h, or dump.  OPTION: json, csv, reproducible,
// chosen, utf8, color, stacks, wide; of scopes: escaped, one, forecast; of
// lifetimes: bysite.
#include <cstdio>
#include <set>
#include <string>

#include "analysis/mask_run.h"
#include "decode/trace_file.h"
#include "fixtures.h"
#include "model/replay.h"
#include "report/dump.h"
#include "report/reports.h"
#include "report/scopes.h"
#include "rules/built_in.h"

namespace {

using namespace sagemem;

void learn_names(symbolize::Symbolizer& symbols, const test::Fixture& fixture,
                 const model::Profile& profile) {
  for (const auto& [pc, locations] : fixture.names) {
    const bool known = !profile.modules.empty();
    symbols.learn({.module = known ? 0 : model::kNoModule, .offset = pc},
                  locations);
  }
}

report::Query make_query(const std::set<std::string>& options) {
  report::Query asked;
  report::ScopeQuery& query = asked.scopes;
  query.escaped_only = options.contains("escaped");
  if (options.contains("one")) query.number = 104;
  if (options.contains("forecast")) {
    query.predict_size = 5000;
    query.budget_bytes = std::uint64_t{64} << 20;
    query.node_bytes = std::uint64_t{1} << 30;
  }
  asked.lifetimes_by_site = options.contains("bysite");
  if (options.contains("chosen")) {
    asked.blocks.files = {"*.c"};
    asked.blocks.sizes = {{100, 1 << 20}};
    asked.blocks.threads = {"main", "nobody"};
  }
  asked.moments.from_text = "scope:forest=104:begin";
  asked.moments.from = *analysis::parse_moment(asked.moments.from_text);
  asked.moments.to_text = "50ms";
  asked.moments.to = *analysis::parse_moment(asked.moments.to_text);
  asked.tree.is_bottom_up = options.contains("bottom-up");
  if (options.contains("leaked")) asked.tree.by = analysis::TreeMeasure::Leaked;
  return asked;
}

std::string print_text(const report::Subject& subject,
                       const report::Report& report,
                       const std::set<std::string>& options) {
  const report::Terminal terminal{
      .width = options.contains("wide") ? 120u : 80u,
      .color = options.contains("color"),
      .utf8 = options.contains("utf8")};
  report::Page page(terminal);
  report.print(page, subject);
  return page.text();
}

analysis::Breakdown make_breakdown(const analysis::ReplayAgain& replay,
                                   const model::Profile& profile,
                                   symbolize::Symbolizer& symbols,
                                   const analysis::SiteTable& sites,
                                   const std::string& rules) {
  symbolize::SourceText sources(0);
  auto breakdown = analysis::find_breakdown(profile, symbols, sources, sites,
                                            rules::load_rules(rules));
  analysis::count_over_time(breakdown, replay);
  return breakdown;
}

// As cli/run_report does it.
void print(const test::Fixture& fixture, const std::string& name,
           const std::set<std::string>& options) {
  report::Output out(stdout);
  const decode::TraceFile file(decode::wrap_bytes(fixture.trace));
  const bool json = options.contains("json");
  if (name == "dump")
    return json ? report::print_dump_json(out, fixture.name, file)
                : report::print_dump(out, file);
  const report::Query query = make_query(options);
  const model::Profile whole = model::replay(file);
  symbolize::Symbolizer symbols(whole.modules);
  learn_names(symbols, fixture, whole);
  auto sites = analysis::find_sites(whole, symbols, {});
  symbolize::SourceText sources(0);
  const auto blocks =
      analysis::choose_blocks(query.blocks, whole, symbols, sources, sites, {});
  const auto replay = [&](model::ReplayOptions again) {
    again.filter = blocks.filter;
    return model::replay(file, again);
  };
  model::ReplayOptions watching;
  if (name == "scopes")
    watching.watched_scopes =
        report::scopes_to_watch(whole.scopes, query.scopes, 5);
  model::Profile profile = replay(watching);
  analysis::Breakdown breakdown =
      make_breakdown(replay, profile, symbols, sites,
                     fixture.name == "forests" ? "sage-model" : "generic");
  if (profile.is_filtered)
    sites = analysis::restrict_sites(sites, profile, [&](model::StackId id) {
      return profile.uses[id].allocations != 0;
    });
  const bool is_reproducible = options.contains("reproducible");
  if (is_reproducible) {
    analysis::mask_run(profile);
    analysis::mask_run(breakdown);
  }
  const report::Subject subject{.trace = fixture.name + ".smt",
                                .profile = profile,
                                .symbols = symbols,
                                .sites = sites,
                                .sources = sources,
                                .breakdown = breakdown,
                                .segments = 2,
                                .top = json ? 0u : 5u,
                                .stacks = options.contains("stacks") ? 2u : 0u,
                                .query = query,
                                .missing = blocks.missing,
                                .is_reproducible = is_reproducible,
                                .replay = replay};
  const report::Report& report = *report::find_report(name);
  if (json) return report.write_json(out, subject);
  if (options.contains("csv")) return report.write_csv(out, subject);
  out.write(print_text(subject, report, options));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  print(test::make_fixture(argv[1]), argv[2],
        std::set<std::string>(argv + 3, argv + argc));
  return 0;
}
