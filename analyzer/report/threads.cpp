// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report threads`.
#include <fmt/format.h>

#include "analysis/thread_use.h"
#include "report/json_parts.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

Table make_table(const Subject& subject) {
  Table table;
  table.columns = {{"tid", "tid", Unit::RunsId},
                   {"peak_bytes", "at peak", Unit::Bytes},
                   {"peak_blocks", nullptr, Unit::Count},
                   {"own_peak_bytes", "own peak", Unit::Bytes},
                   {"own_peak_blocks", nullptr, Unit::Count},
                   {"bytes_allocated", "allocated", Unit::Bytes},
                   {"allocations", "blocks", Unit::Count},
                   {"temporary", nullptr, Unit::Count},
                   {"frees", nullptr, Unit::Count},
                   {"freed_by_others", "to others", Unit::Count},
                   {"freed_for_others", "of others", Unit::Count},
                   {"leaked_bytes", nullptr, Unit::Bytes},
                   {"leaked_blocks", nullptr, Unit::Count},
                   {"name", "name", Unit::Text}};
  for (const analysis::ThreadUse& use :
       analysis::find_thread_uses(subject.profile, subject.replay)) {
    const model::Thread& thread = subject.profile.threads[use.thread];
    const analysis::Held& held = use.held;
    table.rows.push_back({std::int64_t{thread.tid}, held.peak_bytes,
                          held.peak_blocks, held.most_bytes, held.most_blocks,
                          held.bytes_allocated, held.allocations, use.temporary,
                          thread.releases, use.released_by_others,
                          use.released_for_others, held.live_bytes,
                          held.live_blocks, thread.name});
  }
  return table;
}

}  // namespace

void print_threads(Page& page, const Subject& subject) {
  const Table table = make_table(subject);
  print_run_facts(page, subject);
  page.heading("THREADS", format_things(table.rows.size(), "thread"));
  print_table(page, table, subject);
  page.blank();
  page.field("to others", "blocks of the thread that another one released");
  page.field("of others", "blocks of another thread that it released");
}

Json threads_json(const Subject& subject) {
  Json json = json_head(subject, "threads");
  json["threads"] = table_json(make_table(subject), subject);
  return json;
}

void threads_csv(Output& out, const Subject& subject) {
  write_csv(out, make_table(subject), subject);
}

}  // namespace sagemem::report
