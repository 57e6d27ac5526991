// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report blocks`.
#include <fmt/format.h>

#include "analysis/group_use.h"
#include "report/json_parts.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/scopes.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

Cell scope_cell(const Subject& subject, model::ScopeId id) {
  if (id == model::kNoScope) return {};
  const model::ScopeProfile& scopes = subject.profile.scopes;
  return scope_name(scopes, scopes.scopes[id]);
}

// All, as a row without a function, and then the wrappers.
Table make_table(const Subject& subject, const analysis::BlockCounts& found) {
  Table table;
  table.columns = {{"most_blocks", "most blocks", Unit::Count},
                   {"most_blocks_time_ns", "first at", Unit::Time},
                   {"scope", "in scope", Unit::Text},
                   {"most_bytes", "most bytes", Unit::Bytes},
                   {"allocations", "allocations", Unit::Count},
                   {"function", "through", Unit::Text}};
  const auto add = [&](const analysis::WrapperUse& use, Cell function) {
    table.rows.push_back(
        {use.over_time.most_blocks, use.over_time.most_blocks_ns,
         scope_cell(subject, use.over_time.most_blocks_scope),
         use.over_time.most_bytes, use.allocations, std::move(function)});
  };
  add(found.all, {});
  for (const analysis::WrapperUse& use : found.wrappers) add(use, use.function);
  return table;
}

Table limit_table(const Subject& subject) {
  Table table;
  table.columns = {
      {"name", "limit", Unit::Text},       {"most", "most", Unit::Text},
      {"limit", "of", Unit::Text},         {nullptr, "share", Unit::Text},
      {"time_ns", "first at", Unit::Time}, {"scope", "in scope", Unit::Text}};
  for (const analysis::LimitUse& limit : subject.breakdown.limits) {
    const auto amount = [&limit](std::uint64_t number) {
      return limit.counts_blocks ? format_things(number, "block")
                                 : format_bytes(number);
    };
    table.rows.push_back({limit.name, amount(limit.most), amount(limit.limit),
                          format_share(limit.most, limit.limit), limit.time_ns,
                          scope_cell(subject, limit.scope)});
  }
  return table;
}

analysis::BlockCounts find(const Subject& subject) {
  return analysis::find_block_counts(subject.profile, subject.symbols,
                                     subject.sites, subject.replay);
}

}  // namespace

void print_blocks(Page& page, const Subject& subject) {
  const analysis::BlockCounts found = find(subject);
  Table table = make_table(subject, found);
  table.rows.erase(table.rows.begin());
  const analysis::WrapperUse& all = found.all;
  print_run_facts(page, subject);
  page.blank();
  page.field("Most at once",
             fmt::format("{} of {}, first at {}",
                         format_things(all.over_time.most_blocks, "block"),
                         format_things(all.allocations, "allocation"),
                         format_duration(shown_time(
                             subject, all.over_time.most_blocks_ns))),
             Tone::Strong);
  page.field(unreleased_label(subject.profile),
             format_things(subject.profile.leaked_blocks, "block"));
  page.heading("THROUGH EACH WRAPPER",
               "functions that allocate for their callers");
  print_table(page, table, subject);
  if (subject.breakdown.limits.empty()) return;
  page.heading("LIMITS", "of profile " + page.clean(subject.breakdown.profile));
  print_table(page, limit_table(subject), subject,
              subject.breakdown.limits.size());
}

Json blocks_json(const Subject& subject) {
  const analysis::BlockCounts found = find(subject);
  Json json = json_head(subject, "blocks");
  Table table = make_table(subject, found);
  const Json all =
      table_json({table.columns, {table.rows.front()}}, subject)[0];
  table.rows.erase(table.rows.begin());
  json["all"] = all;
  json["wrappers"] = table_json(table, subject);
  json["limits"] = json_limits(subject);
  return json;
}

void blocks_csv(Output& out, const Subject& subject) {
  write_csv(out, make_table(subject, find(subject)), subject);
}

}  // namespace sagemem::report
