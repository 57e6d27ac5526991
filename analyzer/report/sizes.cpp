// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report sizes`.
#include <fmt/format.h>

#include "analysis/size_use.h"
#include "report/json_parts.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

std::string class_text(const analysis::SizeUse& use) {
  return use.low == use.high ? format_bytes(use.low)
                             : fmt::format("{} - {}", format_bytes(use.low),
                                           format_bytes(use.high));
}

Table make_table(const std::vector<analysis::SizeUse>& uses,
                 const Subject& subject) {
  Table table;
  table.columns = {{nullptr, "size", Unit::Text},
                   {"low", nullptr, Unit::Bytes},
                   {"high", nullptr, Unit::Bytes},
                   {"allocations", "blocks", Unit::Count},
                   {nullptr, "share", Unit::Text},
                   {"bytes_allocated", "allocated", Unit::Bytes},
                   {"peak_bytes", "at peak", Unit::Bytes},
                   {"peak_blocks", nullptr, Unit::Count},
                   {"own_peak_bytes", nullptr, Unit::Bytes},
                   {"own_peak_blocks", "most", Unit::Count},
                   {"leaked_bytes", nullptr, Unit::Bytes},
                   {"leaked_blocks", "unreleased", Unit::Count}};
  std::uint64_t all = 0;
  for (const model::SizeBucket& bucket : subject.profile.sizes)
    all += bucket.allocations;
  for (const analysis::SizeUse& use : uses) {
    const analysis::Held& held = use.held;
    table.rows.push_back({class_text(use), use.low, use.high, held.allocations,
                          format_share(held.allocations, all),
                          held.bytes_allocated, held.peak_bytes,
                          held.peak_blocks, held.most_bytes, held.most_blocks,
                          held.live_bytes, held.live_blocks});
  }
  return table;
}

}  // namespace

void print_sizes(Page& page, const Subject& subject) {
  const analysis::SizeTable sizes = analysis::find_size_uses(subject.replay);
  print_run_facts(page, subject);
  const Table classes = make_table(sizes.classes, subject);
  page.heading("SIZES");
  print_table(page, classes, subject, classes.rows.size());
  page.heading("SIZES THAT COME UP MOST",
               format_things(sizes.distinct.size(), "distinct size"));
  print_table(page, make_table(sizes.distinct, subject), subject);
  if (sizes.uncounted > 0)
    page.field("Note", fmt::format("{} of further sizes are in the first "
                                   "table only",
                                   format_things(sizes.uncounted, "block")));
}

Json sizes_json(const Subject& subject) {
  const analysis::SizeTable sizes = analysis::find_size_uses(subject.replay);
  Json json = json_head(subject, "sizes");
  json["classes"] = table_json(make_table(sizes.classes, subject), subject);
  json["distinct"] = table_json(make_table(sizes.distinct, subject), subject);
  json["uncounted"] = sizes.uncounted;
  return json;
}

// The exact ones: classes are made of them.
void sizes_csv(Output& out, const Subject& subject) {
  const analysis::SizeTable sizes = analysis::find_size_uses(subject.replay);
  write_csv(out, make_table(sizes.distinct, subject), subject);
}

}  // namespace sagemem::report
