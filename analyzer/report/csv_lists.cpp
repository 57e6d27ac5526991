// SPDX-License-Identifier: Apache-2.0
#include "report/csv_lists.h"

#include "analysis/ranking.h"
#include "report/facts.h"
#include "report/leak_facts.h"
#include "report/scopes.h"
#include "report/table.h"

namespace sagemem::report {
namespace {

using analysis::Measure;

// As JSON calls them, see add_use().
void add_use_columns(Table& table) {
  table.columns.insert(table.columns.end(),
                       {{"allocations", nullptr, Unit::Count},
                        {"bytes_allocated", nullptr, Unit::Bytes},
                        {"temporary", nullptr, Unit::Count},
                        {"peak_bytes", nullptr, Unit::Bytes},
                        {"peak_blocks", nullptr, Unit::Count},
                        {"leaked_bytes", nullptr, Unit::Bytes},
                        {"leaked_blocks", nullptr, Unit::Count}});
}

void add_use_cells(std::vector<Cell>& row, const model::StackUse& use) {
  row.insert(row.end(), {use.allocations, use.bytes_allocated, use.temporary,
                         use.peak_bytes, use.peak_blocks, use.live_bytes,
                         use.live_blocks});
}

Table table_of_sites(const std::vector<const analysis::Site*>& ranked) {
  Table table;
  add_site_columns(table);
  add_use_columns(table);
  table.columns.push_back({"stacks", nullptr, Unit::Count});
  for (const analysis::Site* site : ranked) {
    std::vector<Cell>& row = table.rows.emplace_back();
    add_site_cells(row, *site->location);
    add_use_cells(row, site->use);
    row.emplace_back(std::uint64_t{site->stacks.size()});
  }
  return table;
}

void write_sites(Output& out, const Subject& subject,
                 const std::vector<const analysis::Site*>& ranked) {
  write_csv(out, table_of_sites(ranked), subject);
}

Cell known(std::uint64_t number, bool is_known) {
  return is_known ? Cell(number) : Cell();
}

std::vector<std::string> captured_names(const model::ScopeProfile& scopes) {
  std::vector<std::string> names;
  for (const std::string& key : scopes.keys)
    if (key != trace::kScopeNumber) names.push_back(key);
  return names;
}

std::vector<Cell> scope_cells(const Subject& subject,
                              const model::Scope& scope) {
  const model::ScopeProfile& scopes = subject.profile.scopes;
  const bool has_thread = scope.thread != model::kNoThread;
  std::vector<Cell> row = {
      scopes.rules[scope.rule].name,
      scope.number,
      has_thread ? Cell(std::int64_t{subject.profile.threads[scope.thread].tid})
                 : Cell(),
      std::string(ending_key(scope)),
      scope.begin_ns,
      scope.end_ns,
      scope.peak_bytes,
      scope.total_peak_bytes,
      scope.allocated_bytes,
      scope.allocated_blocks,
      scope.releases(),
      known(scope.escaped_blocks, scope.is_closed()),
      known(scope.escaped_bytes, scope.is_closed()),
      scope.live_blocks,
      scope.live_bytes,
      known(scope.floor_bytes, scope.is_closed()),
      known(scope.resident_bytes, scope.resident_bytes != 0)};
  for (const std::string& key : captured_names(scopes)) {
    const auto value = analysis::captured_value(scopes, scope, key);
    row.push_back(value ? Cell(*value) : Cell());
  }
  return row;
}

}  // namespace

void peak_csv(Output& out, const Subject& subject) {
  write_sites(out, subject,
              analysis::rank_sites(subject.sites, Measure::PeakBytes));
}

void leaks_csv(Output& out, const Subject& subject) {
  const auto ranked = analysis::rank_sites(subject.sites, Measure::LiveBytes);
  const LeakFacts facts = find_leak_facts(subject);
  if (!facts.has_classes()) return write_sites(out, subject, ranked);
  Table table = table_of_sites(ranked);
  // In the order of all_classes().
  table.columns.insert(table.columns.end(),
                       {{"lost_bytes", nullptr, Unit::Bytes},
                        {"lost_blocks", nullptr, Unit::Count},
                        {"indirectly_lost_bytes", nullptr, Unit::Bytes},
                        {"indirectly_lost_blocks", nullptr, Unit::Count},
                        {"not_scanned_bytes", nullptr, Unit::Bytes},
                        {"not_scanned_blocks", nullptr, Unit::Count},
                        {"still_reachable_bytes", nullptr, Unit::Bytes},
                        {"still_reachable_blocks", nullptr, Unit::Count}});
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    model::LeakAmounts sum;
    for (const model::StackId stack : ranked[i]->stacks)
      sum.add(facts.report.stacks[stack]);
    for (const model::LeakClass which : all_classes()) {
      table.rows[i].emplace_back(sum[which].bytes);
      table.rows[i].emplace_back(sum[which].blocks);
    }
  }
  write_csv(out, table, subject);
}

void sites_csv(Output& out, const Subject& subject) {
  write_sites(out, subject,
              analysis::order_sites(subject.sites, Measure::BytesAllocated));
}

void summary_csv(Output& out, const Subject& subject) {
  write_sites(out, subject,
              analysis::order_sites(subject.sites, Measure::PeakBytes));
}

void categories_csv(Output& out, const Subject& subject) {
  const analysis::Breakdown& breakdown = subject.breakdown;
  Table table;
  table.columns = {{"name", nullptr, Unit::Text}};
  add_use_columns(table);
  table.columns.push_back({"own_peak_bytes", nullptr, Unit::Bytes});
  table.columns.push_back({"own_peak_time_ns", nullptr, Unit::Time});
  for (const std::uint32_t index : analysis::rank_categories(breakdown.table)) {
    const analysis::Category& category = breakdown.table.categories[index];
    std::vector<Cell>& row = table.rows.emplace_back();
    row.emplace_back(category.name);
    add_use_cells(row, category.use);
    const bool is_counted = !breakdown.over_time.empty();
    row.push_back(is_counted ? Cell(breakdown.over_time[index].most_bytes)
                             : Cell());
    row.push_back(is_counted ? Cell(breakdown.over_time[index].most_bytes_ns)
                             : Cell());
  }
  write_csv(out, table, subject);
}

void scopes_csv(Output& out, const Subject& subject) {
  const model::ScopeProfile& scopes = subject.profile.scopes;
  Table table;
  table.columns = {{"name", nullptr, Unit::Text},
                   {"number", nullptr, Unit::Count},
                   {"tid", nullptr, Unit::RunsId},
                   {"ending", nullptr, Unit::Text},
                   {"begin_ns", nullptr, Unit::Time},
                   {"end_ns", nullptr, Unit::Time},
                   {"peak_bytes", nullptr, Unit::Bytes},
                   {"total_peak_bytes", nullptr, Unit::Bytes},
                   {"bytes_allocated", nullptr, Unit::Bytes},
                   {"allocations", nullptr, Unit::Count},
                   {"frees", nullptr, Unit::Count},
                   {"escaped_blocks", nullptr, Unit::Count},
                   {"escaped_bytes", nullptr, Unit::Bytes},
                   {"leaked_blocks", nullptr, Unit::Count},
                   {"leaked_bytes", nullptr, Unit::Bytes},
                   {"floor_bytes", nullptr, Unit::Bytes},
                   {"resident_bytes", nullptr, Unit::Bytes}};
  // Names of a trace: they are kept here as long as the columns point to them.
  std::vector<std::string> keys;
  for (const std::string& key : captured_names(scopes))
    keys.push_back("captured." + key);
  for (const std::string& key : keys)
    table.columns.push_back({key.c_str(), nullptr, Unit::Count});
  for (const model::ScopeId id :
       choose_listed_scopes(scopes, subject.query.scopes))
    table.rows.push_back(scope_cells(subject, scopes.scopes[id]));
  write_csv(out, table, subject);
}

void info_csv(Output& out, const Subject& subject) {
  Table table;
  table.columns = {{"path", nullptr, Unit::Text},
                   {"build_id", nullptr, Unit::Text},
                   {"loaded_ns", nullptr, Unit::Time},
                   {"unloaded_ns", nullptr, Unit::Time}};
  for (const model::Module& module : subject.profile.modules) {
    const std::string id = build_id_text(module);
    table.rows.push_back(
        {module.path, id.empty() ? Cell() : Cell(id), module.loaded_ns,
         module.unloaded_ns >= 0 ? Cell(module.unloaded_ns) : Cell()});
  }
  write_csv(out, table, subject);
}

}  // namespace sagemem::report
