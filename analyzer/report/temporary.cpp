// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report temporary`.
#include <fmt/format.h>

#include "analysis/ranking.h"
#include "report/json_parts.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Measure;

Table make_table(const Subject& subject) {
  Table table;
  table.columns = {{"temporary", "temporary", Unit::Count},
                   {nullptr, "of all", Unit::Text},
                   {nullptr, "of its own", Unit::Text},
                   {"allocations", nullptr, Unit::Count},
                   {"bytes_allocated", "allocated", Unit::Bytes}};
  add_site_columns(table);
  for (const analysis::Site* site :
       analysis::rank_sites(subject.sites, Measure::Temporary)) {
    const model::StackUse& use = site->use;
    std::vector<Cell> row = {
        use.temporary,
        format_share(use.temporary, subject.profile.totals.temporary),
        format_share(use.temporary, use.allocations), use.allocations,
        use.bytes_allocated};
    add_site_cells(row, *site->location);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

void print_temporary(Page& page, const Subject& subject) {
  const model::Totals& totals = subject.profile.totals;
  const Table table = make_table(subject);
  print_run_facts(page, subject);
  page.blank();
  page.field("Temporary",
             fmt::format("{} of {} ({}) were released before their thread made "
                         "another",
                         format_count(totals.temporary),
                         format_things(totals.allocations, "allocation"),
                         format_share(totals.temporary, totals.allocations)),
             Tone::Strong);
  page.heading("WHO ALLOCATES FOR A MOMENT",
               format_things(table.rows.size(), "allocation site"));
  print_table(page, table, subject);
  if (subject.stacks > 0) {
    const auto ranked = analysis::rank_sites(subject.sites, Measure::Temporary);
    for (std::size_t i = 0; i < shown(subject, ranked.size()); ++i) {
      page.heading(page.clean(ranked[i]->location->name()));
      print_site_stacks(page, subject, *ranked[i], Measure::Temporary);
    }
  }
  print_missing_symbols(page, subject);
}

Json temporary_json(const Subject& subject) {
  const auto ranked = analysis::rank_sites(subject.sites, Measure::Temporary);
  Json json = json_head(subject, "temporary");
  json["totals"] = json_totals(subject.profile);
  json["temporary"]["count"] = subject.profile.totals.temporary;
  json["sites"] = json_sites(subject, ranked, Measure::Temporary);
  return json;
}

void temporary_csv(Output& out, const Subject& subject) {
  write_csv(out, make_table(subject), subject);
}

}  // namespace sagemem::report
