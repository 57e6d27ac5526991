// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report diff` for programs.
#include <algorithm>

#include "report/diff.h"
#include "report/diff_numbers.h"
#include "report/json_parts.h"
#include "report/table.h"

namespace sagemem::report {
namespace {

using analysis::Likeness;
using analysis::SiteChange;
using analysis::SiteFigures;
using analysis::Verdict;

Cell likeness_cell(const SiteChange& change) {
  if (change.before == nullptr || change.after == nullptr) return {};
  switch (change.likeness) {
    case Likeness::Same:
      return std::string("line");
    case Likeness::Moved:
      return std::string("moved");
    case Likeness::Renamed:
      return std::string("renamed");
  }
  return {};
}

struct FigureName {
  const char* before;
  const char* after;
  std::uint64_t SiteFigures::*figure;
  Unit unit;
};

constexpr FigureName kFigures[] = {
    {"old_own_peak_bytes", "new_own_peak_bytes", &SiteFigures::own_peak_bytes,
     Unit::Bytes},
    {"old_own_peak_blocks", "new_own_peak_blocks",
     &SiteFigures::own_peak_blocks, Unit::Count},
    {"old_peak_bytes", "new_peak_bytes", &SiteFigures::peak_bytes, Unit::Bytes},
    {"old_leaked_bytes", "new_leaked_bytes", &SiteFigures::leaked_bytes,
     Unit::Bytes},
    {"old_leaked_blocks", "new_leaked_blocks", &SiteFigures::leaked_blocks,
     Unit::Count},
    {"old_bytes_allocated", "new_bytes_allocated",
     &SiteFigures::bytes_allocated, Unit::Bytes},
    {"old_allocations", "new_allocations", &SiteFigures::allocations,
     Unit::Count},
    {"old_temporary", "new_temporary", &SiteFigures::temporary, Unit::Count},
};

// Sites that differ by any measure: by their peaks first, then the others.
std::vector<const SiteChange*> changed(const analysis::Diff& diff) {
  std::vector<const SiteChange*> result = analysis::changed_sites(
      diff, &SiteChange::own_peak, &SiteFigures::own_peak_bytes);
  const auto add = [&result](const std::vector<const SiteChange*>& more) {
    for (const SiteChange* change : more)
      if (std::find(result.begin(), result.end(), change) == result.end())
        result.push_back(change);
  };
  add(analysis::changed_sites(diff, &SiteChange::leaked,
                              &SiteFigures::leaked_bytes));
  add(analysis::changed_sites(diff, &SiteChange::allocated,
                              &SiteFigures::bytes_allocated));
  return result;
}

Table site_table(const analysis::Diff& diff) {
  Table table;
  add_site_columns(table);
  table.columns.insert(table.columns.end(),
                       {{"old_file", nullptr, Unit::Text},
                        {"old_line", nullptr, Unit::Count},
                        {"matched", nullptr, Unit::Text},
                        {"own_peak", nullptr, Unit::Text},
                        {"leaked", nullptr, Unit::Text},
                        {"allocated", nullptr, Unit::Text}});
  for (const FigureName& one : kFigures) {
    table.columns.push_back({one.before, nullptr, one.unit});
    table.columns.push_back({one.after, nullptr, one.unit});
  }
  for (const SiteChange* change : changed(diff)) {
    std::vector<Cell>& row = table.rows.emplace_back();
    add_site_cells(row, change->location());
    const bool has_old = change->before != nullptr;
    row.push_back(has_old ? Cell(change->before->file) : Cell());
    row.push_back(has_old ? Cell(std::uint64_t{change->before->line}) : Cell());
    row.push_back(likeness_cell(*change));
    row.emplace_back(std::string(verdict_word(change->own_peak)));
    row.emplace_back(std::string(verdict_word(change->leaked)));
    row.emplace_back(std::string(verdict_word(change->allocated)));
    for (const FigureName& one : kFigures) {
      row.emplace_back(change->old_use.*one.figure);
      row.emplace_back(change->new_use.*one.figure);
    }
  }
  return table;
}

Table scope_table(const DiffSubject& subject) {
  Table table;
  table.columns = {{"name", nullptr, Unit::Text},
                   {"number", nullptr, Unit::Count},
                   {"peak", nullptr, Unit::Text},
                   {"escaped", nullptr, Unit::Text},
                   {"allocated", nullptr, Unit::Text},
                   {"old_peak_bytes", nullptr, Unit::Bytes},
                   {"new_peak_bytes", nullptr, Unit::Bytes},
                   {"old_escaped_bytes", nullptr, Unit::Bytes},
                   {"new_escaped_bytes", nullptr, Unit::Bytes},
                   {"old_bytes_allocated", nullptr, Unit::Bytes},
                   {"new_bytes_allocated", nullptr, Unit::Bytes}};
  for (const analysis::ScopeChange& change : subject.diff.scopes) {
    const model::Scope& before =
        subject.before.profile.scopes.scopes[change.before];
    const model::Scope& after =
        subject.after.profile.scopes.scopes[change.after];
    table.rows.push_back(
        {change.rule, change.number, std::string(verdict_word(change.peak)),
         std::string(verdict_word(change.escaped)),
         std::string(verdict_word(change.allocated)), before.peak_bytes,
         after.peak_bytes, before.escaped_bytes, after.escaped_bytes,
         before.allocated_bytes, after.allocated_bytes});
  }
  return table;
}

Json side_json(const Subject& subject) {
  Json json = json_head(subject, "diff");
  json.erase("schema");
  return json;
}

}  // namespace

Json diff_json(const DiffSubject& subject) {
  Json json = json_schema("diff");
  json["old"] = side_json(subject.before);
  json["new"] = side_json(subject.after);
  json["noise"] = subject.diff.noise.share;
  Json& whole = json["whole"] = Json::object();
  for (const WholeNumber& one :
       whole_numbers(subject.before.profile, subject.after.profile)) {
    whole[one.key]["old"] = one.before;
    whole[one.key]["new"] = one.after;
  }
  json["sites"] = table_json(site_table(subject.diff), subject.after);
  Json& scopes = json["scopes"] = Json::object();
  scopes["equal"] = subject.diff.equal_scopes;
  scopes["only_old"] = subject.diff.old_scopes;
  scopes["only_new"] = subject.diff.new_scopes;
  scopes["changed"] = table_json(scope_table(subject), subject.after);
  return json;
}

void diff_csv(Output& out, const DiffSubject& subject) {
  // One list of two traces: no column says which.
  Subject whole = subject.after;
  whole.is_one_of_several = false;
  whole.is_first = true;
  write_csv(out, site_table(subject.diff), whole);
}

}  // namespace sagemem::report
