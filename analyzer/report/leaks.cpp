// SPDX-License-Identifier: Apache-2.0
#include "report/leaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "analysis/moments.h"
#include "analysis/ranking.h"
#include "decode/is_trace.h"
#include "report/json_parts.h"
#include "report/leak_facts.h"
#include "report/live_sites.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using model::LeakClass;

analysis::StackAmounts amounts_of(const LeakFacts& facts, LeakClass which) {
  analysis::StackAmounts result(facts.report.stacks.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const model::LeakAmount& amount = facts.report.stacks[i][which];
    result[i].blocks = amount.blocks;
    result[i].bytes = amount.bytes;
  }
  return result;
}

analysis::Amount total_of(const LeakFacts& facts, LeakClass which) {
  analysis::Amount result;
  result.blocks = facts.report.total[which].blocks;
  result.bytes = facts.report.total[which].bytes;
  return result;
}

std::string heading_of(LeakClass which) {
  std::string heading = class_label(which);
  std::transform(heading.begin(), heading.end(), heading.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return heading;
}

void print_all_sites(Page& page, const Subject& subject) {
  const auto leaks =
      analysis::rank_sites(subject.sites, analysis::Measure::LiveBytes);
  page.heading(
      has_ended(subject.profile) ? "WHO NEVER RELEASED" : "WHO HELD THE REST",
      format_things(leaks.size(), "allocation site"));
  print_site_rows(page, subject, leaks, analysis::Measure::LiveBytes,
                  shown(subject, leaks.size()));
}

void print_by_class(Page& page, const Subject& subject,
                    const LeakFacts& facts) {
  for (const LeakClass which : all_classes()) {
    if (facts.report.total[which].blocks == 0) continue;
    print_amounts(page, subject, heading_of(which), amounts_of(facts, which),
                  total_of(facts, which));
  }
  print_suppressions(page, facts);
}

void write_suppressions(const Subject& subject, const LeakFacts& facts) {
  const std::string& path = subject.query.leaks.write_to;
  if (path.empty()) return;
  // One slip of the fingers away from the loss of a run.
  if (decode::is_trace(path)) {
    throw std::system_error(EEXIST, std::generic_category(), path);
  }
  errno = 0;
  std::ofstream out(path, std::ios::binary);
  out << suppressions_for(subject, facts);
  out.close();
  if (!out) {
    throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(),
                            path);
  }
}

}  // namespace

void print_leaks(Page& page, const Subject& subject) {
  const model::Profile& profile = subject.profile;
  const LeakFacts facts = find_leak_facts(subject);
  print_run_facts(page, subject);
  page.blank();
  page.field(
      unreleased_label(profile),
      fmt::format("{} in {}, of {}", format_bytes_exactly(profile.leaked_bytes),
                  format_things(profile.leaked_blocks, "block"),
                  format_things(profile.totals.allocations, "allocation")),
      Tone::Strong);
  if (!has_ended(profile))
    page.field("",
               "The program was not seen to end: it may still have had a "
               "use for these blocks.");
  if (facts.has_classes()) {
    print_leak_facts(page, subject, facts);
    print_by_class(page, subject, facts);
  } else {
    print_all_sites(page, subject);
  }
  print_missing_symbols(page, subject);
  write_suppressions(subject, facts);
}

Json leaks_json(const Subject& subject) {
  const LeakFacts facts = find_leak_facts(subject);
  Json json = json_head(subject, "leaks");
  json["leaked"] = json_leaked(subject.profile);
  json["scan"] = json_scan(subject.profile);
  Json& classes = json["classes"];
  for (const LeakClass which : all_classes()) {
    classes[class_key(which)] =
        json_amounts(subject, amounts_of(facts, which), total_of(facts, which));
  }
  json["suppressed"] = json_suppressed(facts);
  json["sites"] = json_sites(
      subject,
      analysis::rank_sites(subject.sites, analysis::Measure::LiveBytes),
      analysis::Measure::LiveBytes);
  write_suppressions(subject, facts);
  return json;
}

}  // namespace sagemem::report
