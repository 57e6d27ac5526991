// SPDX-License-Identifier: Apache-2.0
#include "exports/tables.h"

#include <algorithm>
#include <limits>

#include "analysis/size_classes.h"
#include "report/scope_lines.h"
#include "report/scopes.h"

namespace sagemem::exports {
namespace {

constexpr ColumnType kFlag = ColumnType::Flag;
constexpr ColumnType kInteger = ColumnType::Integer;
constexpr ColumnType kText = ColumnType::Text;

// Sums of a hostile trace may be larger than readers can hold.
Cell number(std::uint64_t value) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(
      std::min(value, static_cast<std::uint64_t>(most)));
}

Cell text(std::string_view value) {
  return clean(value);
}

Cell text_or_null(std::string_view value) {
  return value.empty() ? Cell() : text(value);
}

Cell number_or_null(std::uint64_t value) {
  return value == 0 ? Cell() : number(value);
}

void append(Row& row, const model::StackUse& use) {
  for (const std::uint64_t value :
       {use.allocations, use.bytes_allocated, use.temporary, use.peak_bytes,
        use.peak_blocks, use.live_bytes, use.live_blocks})
    row.push_back(number(value));
}

void append(Row& row, const symbolize::Location& place) {
  row.push_back(text(place.name()));
  row.push_back(text_or_null(place.file));
  row.push_back(number_or_null(place.line));
  row.push_back(text_or_null(place.module));
}

// The columns that the two above fill.
std::vector<Column> with_use(std::vector<Column> columns) {
  for (const char* name :
       {"allocations", "bytes_allocated", "temporary", "peak_bytes",
        "peak_blocks", "leaked_bytes", "leaked_blocks"})
    columns.push_back({name, kInteger});
  return columns;
}

std::vector<Column> with_place(std::vector<Column> columns) {
  columns.push_back({"function", kText});
  columns.push_back({"file", kText, true});
  columns.push_back({"line", kInteger, true});
  columns.push_back({"module", kText, true});
  return columns;
}

// ----------------------------------------------------------------------- rows

void fill_run(const Catalog& catalog, const RowSink& add) {
  const model::Profile& run = catalog.subject().profile;
  add({text(catalog.subject().trace),
       text(command_line(run)),
       text_or_null(run.info_value(trace::kInfoProgram)),
       text_or_null(run.info_value(trace::kInfoHost)),
       std::int64_t{run.header.pid},
       run.header.rank >= 0 ? Cell(std::int64_t{run.header.rank}) : Cell(),
       run.exact(),
       run.duration_ns,
       number(run.totals.allocations),
       number(run.totals.releases),
       number(run.totals.bytes_allocated),
       number(run.totals.bytes_released),
       number(run.totals.reallocations),
       number(run.totals.failed),
       number(run.totals.temporary),
       number(run.peak.bytes),
       number(run.peak.blocks),
       run.peak.time_ns,
       number_or_null(run.peak.resident_bytes),
       number(run.leaked_bytes),
       number(run.leaked_blocks)});
}

void fill_sites(const Catalog& catalog, const RowSink& add) {
  std::int64_t id = 0;
  for (const analysis::Site* site : catalog.sites()) {
    Row row{++id};
    append(row, *site->location);
    row.push_back(text_or_null(catalog.subject().sources.line(
        site->location->file, site->location->line)));
    append(row, site->use);
    add(std::move(row));
  }
}

void fill_stacks(const Catalog& catalog, const RowSink& add) {
  std::int64_t id = 0;
  for (const Sample& sample : catalog.samples()) {
    Row row{++id, catalog.site_id(sample.site),
            catalog.category_id(sample.category)};
    append(row, sample.use);
    add(std::move(row));
  }
}

void fill_stack_frames(const Catalog& catalog, const RowSink& add) {
  std::int64_t id = 0;
  for (const Sample& sample : catalog.samples()) {
    ++id;
    std::int64_t depth = 0;
    for (const symbolize::Location* place : sample.path)
      add({id, depth++, catalog.frame_id(place)});
  }
}

void fill_frames(const Catalog& catalog, const RowSink& add) {
  std::int64_t id = 0;
  for (const symbolize::Location* place : catalog.frames()) {
    Row row{++id};
    append(row, *place);
    row.emplace_back(place->inlined);
    add(std::move(row));
  }
}

void fill_categories(const Catalog& catalog, const RowSink& add) {
  const analysis::Breakdown& breakdown = catalog.subject().breakdown;
  std::int64_t id = 0;
  for (const std::uint32_t index : catalog.categories()) {
    const analysis::Category& category = breakdown.table.categories[index];
    Row row{++id, text(category.name)};
    append(row, category.use);
    const bool is_counted = !breakdown.over_time.empty();
    row.push_back(is_counted ? number(breakdown.over_time[index].most_bytes)
                             : Cell());
    row.push_back(is_counted ? Cell(breakdown.over_time[index].most_bytes_ns)
                             : Cell());
    add(std::move(row));
  }
}

void fill_leaks(const Catalog& catalog, const RowSink& add) {
  const report::Subject& subject = catalog.subject();
  std::int64_t id = 0;
  for (const Sample& sample : catalog.samples()) {
    ++id;
    if (sample.use.live_blocks == 0) continue;
    Row row{id, catalog.site_id(sample.site)};
    append(row, *subject.sites.sites[sample.site].location);
    row.push_back(
        text(subject.breakdown.table.categories[sample.category].name));
    row.push_back(number(sample.use.live_bytes));
    row.push_back(number(sample.use.live_blocks));
    add(std::move(row));
  }
}

// Those that reach beyond this one's end belong to it no more.
Cell outer_id(const model::Scope& scope) {
  return scope.outer == model::kNoScope
             ? Cell()
             : Cell(static_cast<std::int64_t>(scope.outer) + 1);
}

void fill_scopes(const Catalog& catalog, const RowSink& add) {
  const model::Profile& run = catalog.subject().profile;
  std::int64_t id = 0;
  for (const model::Scope& scope : run.scopes.scopes) {
    const bool has_resident = scope.resident_bytes != 0;
    const bool has_thread = scope.thread < run.threads.size();
    add({++id,
         text(run.scopes.rules[scope.rule].name),
         scope.number,
         scope.has_number,
         outer_id(scope),
         has_thread ? Cell(std::int64_t{run.threads[scope.thread].tid})
                    : Cell(),
         std::string(report::ending_key(scope)),
         scope.begin_ns,
         scope.end_ns,
         number(scope.peak_bytes),
         number(scope.total_peak_bytes),
         number(scope.allocated_bytes),
         number(scope.allocated_blocks),
         number(scope.releases()),
         number(scope.escaped_bytes),
         number(scope.escaped_blocks),
         number(scope.live_bytes),
         number(scope.live_blocks),
         number(scope.floor_bytes),
         number_or_null(scope.resident_bytes),
         has_resident ? Cell(scope.resident_distance_ns) : Cell()});
  }
}

void fill_scope_values(const Catalog& catalog, const RowSink& add) {
  const model::ScopeProfile& scopes = catalog.subject().profile.scopes;
  std::int64_t id = 0;
  for (const model::Scope& scope : scopes.scopes) {
    ++id;
    for (const model::CapturedValue& value : scopes.captured_of(scope))
      add({id, text(scopes.keys[value.key]), value.value});
  }
}

void fill_threads(const Catalog& catalog, const RowSink& add) {
  for (const model::Thread& thread : catalog.subject().profile.threads)
    add({std::int64_t{thread.tid}, text(thread.name),
         number(thread.allocations), number(thread.bytes_allocated),
         number(thread.releases)});
}

void fill_sizes(const Catalog& catalog, const RowSink& add) {
  for (const analysis::SizeClass& one :
       analysis::size_classes(catalog.subject().profile))
    add({number(one.low), number(one.high), number(one.allocations),
         number(one.bytes)});
}

void fill_timeline(const Catalog& catalog, const RowSink& add) {
  for (const model::TimePoint& point : catalog.subject().profile.timeline)
    add({point.time_ns, number(point.max_bytes),
         number_or_null(point.resident_bytes)});
}

void fill_snapshots(const Catalog& catalog, const RowSink& add) {
  for (const model::Snapshot& one : catalog.subject().profile.scopes.snapshots)
    add({text(one.label), one.time_ns, number(one.live_bytes)});
}

std::vector<Column> run_columns() {
  std::vector<Column> columns = {
      {"trace", kText},      {"command", kText}, {"program", kText, true},
      {"host", kText, true}, {"pid", kInteger},  {"rank", kInteger, true},
      {"exact", kFlag}};
  for (const char* name :
       {"duration_ns", "allocations", "frees", "bytes_allocated", "bytes_freed",
        "reallocations", "failed", "temporary", "peak_bytes", "peak_blocks",
        "peak_time_ns"})
    columns.push_back({name, kInteger});
  columns.push_back({"peak_resident_bytes", kInteger, true});
  columns.push_back({"leaked_bytes", kInteger});
  columns.push_back({"leaked_blocks", kInteger});
  return columns;
}

std::vector<Column> site_columns() {
  std::vector<Column> columns = with_place({{"id", kInteger}});
  columns.push_back({"source", kText, true});
  return with_use(std::move(columns));
}

std::vector<Column> frame_columns() {
  std::vector<Column> columns = with_place({{"id", kInteger}});
  columns.push_back({"inlined", kFlag});
  return columns;
}

std::vector<Column> category_columns() {
  std::vector<Column> columns = with_use({{"id", kInteger}, {"name", kText}});
  columns.push_back({"own_peak_bytes", kInteger, true});
  columns.push_back({"own_peak_time_ns", kInteger, true});
  return columns;
}

std::vector<Column> leak_columns() {
  std::vector<Column> columns =
      with_place({{"stack", kInteger}, {"site", kInteger}});
  columns.push_back({"category", kText});
  columns.push_back({"bytes", kInteger});
  columns.push_back({"blocks", kInteger});
  return columns;
}

std::vector<Column> scope_columns() {
  std::vector<Column> columns = {
      {"id", kInteger},          {"name", kText},
      {"number", kInteger},      {"number_captured", kFlag},
      {"outer", kInteger, true}, {"tid", kInteger, true},
      {"ending", kText}};
  for (const char* name :
       {"begin_ns", "end_ns", "peak_bytes", "total_peak_bytes",
        "bytes_allocated", "allocations", "frees", "escaped_bytes",
        "escaped_blocks", "leaked_bytes", "leaked_blocks", "floor_bytes"})
    columns.push_back({name, kInteger});
  columns.push_back({"resident_bytes", kInteger, true});
  columns.push_back({"resident_distance_ns", kInteger, true});
  return columns;
}

std::vector<Column> integers(std::initializer_list<const char*> names) {
  std::vector<Column> columns;
  for (const char* name : names) columns.push_back({name, kInteger});
  return columns;
}

}  // namespace

const std::vector<Table>& tables() {
  static const std::vector<Table> all = {
      {"run", run_columns(), fill_run},
      {"sites", site_columns(), fill_sites},
      {"stacks",
       with_use({{"id", kInteger}, {"site", kInteger}, {"category", kInteger}}),
       fill_stacks},
      {"stack_frames", integers({"stack", "depth", "frame"}),
       fill_stack_frames},
      {"frames", frame_columns(), fill_frames},
      {"categories", category_columns(), fill_categories},
      {"leaks", leak_columns(), fill_leaks},
      {"scopes", scope_columns(), fill_scopes},
      {"scope_values",
       {{"scope", kInteger}, {"name", kText}, {"value", kInteger}},
       fill_scope_values},
      {"threads",
       {{"tid", kInteger},
        {"name", kText},
        {"allocations", kInteger},
        {"bytes_allocated", kInteger},
        {"frees", kInteger}},
       fill_threads},
      {"sizes", integers({"low", "high", "allocations", "bytes"}), fill_sizes},
      {"timeline",
       {{"time_ns", kInteger},
        {"max_bytes", kInteger},
        {"resident_bytes", kInteger, true}},
       fill_timeline},
      {"snapshots",
       {{"label", kText}, {"time_ns", kInteger}, {"live_bytes", kInteger}},
       fill_snapshots},
  };
  return all;
}

const Table* find_table(std::string_view name) {
  for (const Table& table : tables())
    if (name == table.name) return &table;
  return nullptr;
}

}  // namespace sagemem::exports
