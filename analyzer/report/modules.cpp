// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report modules`.
#include "analysis/group_use.h"
#include "report/json_parts.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

Table make_table(const Subject& subject) {
  Table table;
  table.columns = {{nullptr, "share", Unit::Text},
                   {"peak_bytes", "at peak", Unit::Bytes},
                   {"peak_blocks", nullptr, Unit::Count},
                   {"own_peak_bytes", "own peak", Unit::Bytes},
                   {"own_peak_time_ns", nullptr, Unit::Time},
                   {"bytes_allocated", "allocated", Unit::Bytes},
                   {"allocations", "blocks", Unit::Count},
                   {"temporary", nullptr, Unit::Count},
                   {"leaked_bytes", "unreleased", Unit::Bytes},
                   {"leaked_blocks", nullptr, Unit::Count},
                   {"sites", nullptr, Unit::Count},
                   {"module", nullptr, Unit::Text},
                   {nullptr, "module", Unit::Text}};
  for (const analysis::ModuleUse& one : analysis::find_module_uses(
           subject.profile, subject.sites, subject.replay)) {
    const bool has_module = !one.module.empty();
    table.rows.push_back(
        {format_share(one.use.peak_bytes, subject.profile.peak.bytes),
         one.use.peak_bytes, one.use.peak_blocks, one.over_time.most_bytes,
         one.over_time.most_bytes_ns, one.use.bytes_allocated,
         one.use.allocations, one.use.temporary, one.use.live_bytes,
         one.use.live_blocks, one.sites, has_module ? Cell(one.module) : Cell(),
         has_module ? symbolize::base_name(one.module) : "[no module]"});
  }
  return table;
}

}  // namespace

void print_modules(Page& page, const Subject& subject) {
  const Table table = make_table(subject);
  print_run_facts(page, subject);
  page.heading("MODULES", "by the code of the allocation sites");
  print_table(page, table, subject);
  print_missing_symbols(page, subject);
}

Json modules_json(const Subject& subject) {
  Json json = json_head(subject, "modules");
  json["modules"] = table_json(make_table(subject), subject);
  return json;
}

void modules_csv(Output& out, const Subject& subject) {
  write_csv(out, make_table(subject), subject);
}

}  // namespace sagemem::report
