// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report at` and `sagemem-report between`.
#include "analysis/moments.h"

#include <fmt/format.h>

#include "report/json_parts.h"
#include "report/live_sites.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::LiveAt;

std::string time_text(const Subject& subject, const LiveAt& moment) {
  return format_duration(shown_time(subject, moment.time_ns));
}

// Why there is nothing to show.
std::string absence_text(const std::string& moment) {
  return fmt::format(
      "{} did not come: there is no such scope, or it was "
      "never closed",
      moment);
}

Json json_moment(const Subject& subject, const LiveAt& moment,
                 const std::string& text) {
  if (!moment.is_there) return nullptr;
  Json json;
  json["moment"] = text;
  json["time_ns"] = shown_time(subject, moment.time_ns);
  json["live_blocks"] = moment.total.blocks;
  json["live_bytes"] = moment.total.bytes;
  return json;
}

LiveAt find_at(const Subject& subject) {
  return analysis::find_live_at(subject.query.moments.from, subject.profile,
                                subject.replay);
}

analysis::Between find_between(const Subject& subject) {
  return analysis::find_between(subject.query.moments.from,
                                subject.query.moments.to, subject.profile,
                                subject.replay);
}

void print_end(Page& page, const Subject& subject, const char* label,
               const LiveAt& moment, const std::string& text) {
  page.field(label, moment.is_there
                        ? fmt::format("{}, at {}: {} live", page.clean(text),
                                      time_text(subject, moment),
                                      amount_text(moment.total))
                        : absence_text(page.clean(text)));
}

}  // namespace

void print_at(Page& page, const Subject& subject) {
  const LiveAt live = find_at(subject);
  const std::string& text = subject.query.moments.from_text;
  print_run_facts(page, subject);
  page.blank();
  if (!live.is_there) {
    page.field("Moment", absence_text(page.clean(text)), Tone::Bad);
    return;
  }
  page.field("Moment", fmt::format("{}, at {}", page.clean(text),
                                   time_text(subject, live)));
  page.field("Live then", amount_text(live.total), Tone::Strong);
  print_amounts(page, subject, "WHAT WAS LIVE", live.stacks, live.total);
  print_missing_symbols(page, subject);
}

Json at_json(const Subject& subject) {
  const LiveAt live = find_at(subject);
  Json json = json_head(subject, "at");
  json["at"] = json_moment(subject, live, subject.query.moments.from_text);
  json["live"] = json_amounts(subject, live.stacks, live.total);
  return json;
}

void at_csv(Output& out, const Subject& subject) {
  const LiveAt live = find_at(subject);
  Table table;
  table.columns = {{"bytes", nullptr, Unit::Bytes},
                   {"blocks", nullptr, Unit::Count}};
  add_site_columns(table);
  add_amount_rows(table, subject, live.stacks, {});
  write_csv(out, table, subject);
}

void print_between(Page& page, const Subject& subject) {
  const analysis::Between found = find_between(subject);
  const MomentQuery& asked = subject.query.moments;
  print_run_facts(page, subject);
  page.blank();
  print_end(page, subject, "From", found.from, asked.from_text);
  print_end(page, subject, "To", found.to, asked.to_text);
  if (!found.from.is_there || !found.to.is_there) return;
  if (found.is_reversed) {
    page.field("", "The second moment comes before the first.", Tone::Bad);
    return;
  }
  page.blank();
  page.field("Kept",
             amount_text(found.kept_total) +
                 ", allocated between them and live at the second",
             Tone::Strong);
  page.field("Released", amount_text(found.released_total) +
                             ", live at the first and not at the second");
  page.field("Passed through", amount_text(found.passed_total) +
                                   ", allocated and released between them");
  print_amounts(page, subject, "KEPT", found.kept, found.kept_total);
  print_amounts(page, subject, "RELEASED", found.released,
                found.released_total);
  print_amounts(page, subject, "PASSED THROUGH", found.passed,
                found.passed_total);
  print_missing_symbols(page, subject);
}

Json between_json(const Subject& subject) {
  const analysis::Between found = find_between(subject);
  const MomentQuery& asked = subject.query.moments;
  Json json = json_head(subject, "between");
  json["from"] = json_moment(subject, found.from, asked.from_text);
  json["to"] = json_moment(subject, found.to, asked.to_text);
  json["reversed"] = found.is_reversed;
  json["kept"] = json_amounts(subject, found.kept, found.kept_total);
  json["released"] =
      json_amounts(subject, found.released, found.released_total);
  json["passed_through"] =
      json_amounts(subject, found.passed, found.passed_total);
  return json;
}

void between_csv(Output& out, const Subject& subject) {
  const analysis::Between found = find_between(subject);
  Table table;
  table.columns = {{"fate", nullptr, Unit::Text},
                   {"bytes", nullptr, Unit::Bytes},
                   {"blocks", nullptr, Unit::Count}};
  add_site_columns(table);
  const auto add = [&](const char* fate, const analysis::StackAmounts& stacks) {
    add_amount_rows(table, subject, stacks, {std::string(fate)});
  };
  add("kept", found.kept);
  add("released", found.released);
  add("passed_through", found.passed);
  write_csv(out, table, subject);
}

}  // namespace sagemem::report
