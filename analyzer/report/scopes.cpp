// SPDX-License-Identifier: Apache-2.0
#include "report/scopes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/categories.h"
#include "report/run_facts.h"
#include "report/scope_categories.h"
#include "report/scope_lines.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::ScopeGroup;
using model::Scope;
using model::ScopeId;
using model::ScopeProfile;

// Columns in front of the name that an amount belongs to.
constexpr std::size_t kAmount = 31;

constexpr std::size_t kNumber = 8;
constexpr std::size_t kBytes = 10;
constexpr std::size_t kBlocks = 8;
constexpr std::size_t kTime = 8;
constexpr std::size_t kCaptured = 11;
// All columns but those of captured values.
constexpr std::size_t kColumns = kNumber + 4 * kBytes + kBlocks + kTime;
// Call sites named under a scope.
constexpr std::size_t kSites = 3;

const ScopeGroup* find_group(const std::vector<ScopeGroup>& groups,
                             const std::string& name) {
  if (name.empty()) return analysis::main_group(groups);
  const auto found =
      std::find_if(groups.begin(), groups.end(),
                   [&name](const ScopeGroup& one) { return one.name == name; });
  return found == groups.end() ? nullptr : &*found;
}

// ---------------------------------------------------------------- the table

struct Columns {
  std::vector<std::string> captured;
};

Columns fit_columns(const Page& page, const ScopeProfile& profile,
                    const ScopeGroup& group) {
  Columns columns{analysis::captured_keys(profile, group)};
  const std::size_t room =
      page.width() > kColumns ? page.width() - kColumns : 0;
  columns.captured.resize(std::min(columns.captured.size(), room / kCaptured));
  return columns;
}

void print_titles(Page& page, const Columns& columns) {
  std::string line = pad_left("number", kNumber);
  for (const std::string& key : columns.captured) {
    line +=
        pad_left(" " + shorten_end(page.clean(key), kCaptured - 1), kCaptured);
  }
  line += pad_left("time", kTime) + pad_left("peak", kBytes) +
          pad_left("allocated", kBytes) + pad_left("blocks", kBlocks) +
          pad_left("escaped", kBytes) + pad_left("floor", kBytes);
  page.line(page.paint(Tone::Dim, line));
}

void print_row(Page& page, const ScopeProfile& profile, const Scope& scope,
               const Columns& columns) {
  std::string line = pad_left(fmt::format("{}", scope.number), kNumber);
  for (const std::string& key : columns.captured) {
    const auto value = analysis::captured_value(profile, scope, key);
    line += pad_left(value ? " " + signed_count(*value) : " -", kCaptured);
  }
  const bool is_closed = scope.is_closed();
  line +=
      pad_left(' ' + format_duration(scope.end_ns - scope.begin_ns), kTime) +
      page.paint(Tone::Strong,
                 pad_left(' ' + format_bytes(scope.peak_bytes), kBytes)) +
      pad_left(' ' + format_bytes(scope.allocated_bytes), kBytes) +
      pad_left(' ' + format_count(scope.allocated_blocks), kBlocks) +
      pad_left(!is_closed || scope.escaped_blocks == 0
                   ? " -"
                   : ' ' + format_bytes(scope.escaped_bytes),
               kBytes) +
      pad_left(is_closed ? ' ' + format_bytes(scope.floor_bytes) : " open",
               kBytes);
  page.line(line);
}

// ------------------------------------------------------------- sites of one

struct Amount {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
};
using SiteAmounts = std::map<std::uint32_t, Amount>;

void print_site_amounts(Page& page, const Subject& subject,
                        const SiteAmounts& amounts, std::size_t most) {
  std::vector<std::pair<std::uint32_t, Amount>> ranked(amounts.begin(),
                                                       amounts.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    if (a.second.bytes != b.second.bytes) {
      return a.second.bytes > b.second.bytes;
    }
    return a.first < b.first;
  });
  const std::size_t count =
      most == 0 ? ranked.size() : std::min(most, ranked.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [site, amount] = ranked[i];
    page.line(pad_left(fmt::format("{} in {}", format_bytes(amount.bytes),
                                   format_things(amount.blocks, "block")),
                       kAmount) +
              "  " +
              place_text(page, *subject.sites.sites[site].location,
                         page.width() - kAmount - 2));
  }
  if (count < ranked.size()) {
    page.line(page.paint(
        Tone::Dim,
        pad_left("", kAmount) +
            fmt::format("  and {}",
                        format_things(ranked.size() - count, "other site"))));
  }
}

SiteAmounts escaped_sites(const Subject& subject, ScopeId id) {
  SiteAmounts result;
  for (const model::Escape& one : subject.profile.scopes.scope_escapes) {
    if (one.owner != id) continue;
    Amount& amount = result[subject.sites.site_of_stack[one.stack]];
    amount.bytes += one.bytes;
    amount.blocks += one.blocks;
  }
  return result;
}

SiteAmounts escaped_sites(const Subject& subject, const ScopeGroup& group) {
  SiteAmounts result;
  for (const model::Escape& one : subject.profile.scopes.escapes) {
    if (std::find(group.rules.begin(), group.rules.end(), one.owner) ==
        group.rules.end()) {
      continue;
    }
    Amount& amount = result[subject.sites.site_of_stack[one.stack]];
    amount.bytes += one.bytes;
    amount.blocks += one.blocks;
  }
  return result;
}

SiteAmounts peak_sites(const Subject& subject, ScopeId id) {
  SiteAmounts result;
  for (const model::ScopePeakUse& one : subject.profile.scopes.scope_peaks) {
    if (one.scope != id) continue;
    Amount& amount = result[subject.sites.site_of_stack[one.stack]];
    amount.bytes += one.bytes;
    amount.blocks += one.blocks;
  }
  return result;
}

void print_peak_categories(Page& page, const Subject& subject, ScopeId id) {
  const auto held = peak_categories(subject, id);
  if (held.empty()) return;
  page.heading("ITS PEAK BY CATEGORY");
  for (const HeldByCategory& one : held) {
    page.line(pad_left(fmt::format("{} in {}", format_bytes(one.bytes),
                                   format_things(one.blocks, "block")),
                       kAmount) +
              "  " + page.clean(one.name));
  }
}

void print_lifetime(Page& page, const Subject& subject, const Scope& scope) {
  const ScopeProfile& profile = subject.profile.scopes;
  page.field("Time", fmt::format("{} from {} on",
                                 format_duration(scope.end_ns - scope.begin_ns),
                                 format_duration(scope.begin_ns)));
  if (scope.outer != model::kNoScope) {
    page.field("Inside of",
               page.clean(scope_name(profile, profile.scopes[scope.outer])));
  }
  if (scope.ending != model::ScopeEnding::Closed) {
    page.field("Ended", ending_key(scope));
  }
}

void print_nested(Page& page, const Subject& subject, ScopeId id) {
  const ScopeProfile& profile = subject.profile.scopes;
  const ScopeGroup inner{"", {}, [&] {
                           std::vector<ScopeId> ids;
                           for (ScopeId one = id + 1;
                                one < profile.scopes.size(); ++one) {
                             if (profile.scopes[one].outer == id) {
                               ids.push_back(one);
                             }
                           }
                           return ids;
                         }()};
  if (inner.scopes.empty()) return;
  page.heading("SCOPES IN IT", format_things(inner.scopes.size(), "scope"));
  const auto ranked =
      analysis::order_scopes(profile, inner.scopes, analysis::ScopeOrder::Peak);
  const std::size_t count = shown(subject, ranked.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Scope& scope = profile.scopes[ranked[i]];
    page.line(fmt::format("{}  {}{}",
                          pad_left(format_bytes(scope.peak_bytes), kBytes),
                          page.clean(scope_name(profile, scope)),
                          captured_text(page, profile, scope)));
  }
}

void print_one(Page& page, const Subject& subject, ScopeId id) {
  const ScopeProfile& profile = subject.profile.scopes;
  const Scope& scope = profile.scopes[id];
  page.heading(page.clean(scope_name(profile, scope)) +
               captured_text(page, profile, scope));
  print_lifetime(page, subject, scope);
  page.field("Peak",
             fmt::format("{} of its own, {} with all else",
                         format_bytes_exactly(scope.peak_bytes),
                         format_bytes(scope.total_peak_bytes)),
             Tone::Strong);
  page.field("Allocated",
             fmt::format("{} in {}, {} released in it",
                         format_bytes(scope.allocated_bytes),
                         format_things(scope.allocated_blocks, "block"),
                         format_count(scope.releases())));
  page.field("Escaped",
             fmt::format("{} in {}, never released {} in {}",
                         format_bytes_exactly(scope.escaped_bytes),
                         format_things(scope.escaped_blocks, "block"),
                         format_bytes(scope.live_bytes),
                         format_things(scope.live_blocks, "block")));
  std::string floor = format_bytes(scope.floor_bytes) + " live after it";
  if (scope.resident_bytes > 0) {
    floor += fmt::format(", RSS {} (sampled {} {})",
                         format_bytes(scope.resident_bytes),
                         format_duration(std::abs(scope.resident_distance_ns)),
                         scope.resident_distance_ns < 0 ? "before" : "after");
  }
  page.field("Floor", floor);
  const SiteAmounts peak = peak_sites(subject, id);
  if (!peak.empty()) {
    page.heading("WHO HELD ITS PEAK");
    print_site_amounts(page, subject, peak, subject.top);
  }
  print_peak_categories(page, subject, id);
  const SiteAmounts escaped = escaped_sites(subject, id);
  if (!escaped.empty()) {
    page.heading("WHAT ESCAPED");
    print_site_amounts(page, subject, escaped, subject.top);
  }
  print_nested(page, subject, id);
}

void print_list(Page& page, const Subject& subject, const ScopeGroup& group,
                const ScopeQuery& query) {
  const ScopeProfile& profile = subject.profile.scopes;
  const std::vector<ScopeId> ranked = choose_scopes(profile, query);
  page.heading(query.escaped_only ? "SCOPES WITH ESCAPED BLOCKS" : "SCOPES",
               format_things(ranked.size(), "scope"));
  if (ranked.empty()) return;
  const Columns columns = fit_columns(page, profile, group);
  print_titles(page, columns);
  const std::size_t count = shown(subject, ranked.size());
  for (std::size_t i = 0; i < count; ++i) {
    print_row(page, profile, profile.scopes[ranked[i]], columns);
    if (query.escaped_only) {
      print_site_amounts(page, subject, escaped_sites(subject, ranked[i]),
                         kSites);
    }
  }
  if (count < ranked.size()) {
    page.line(page.paint(Tone::Dim,
                         fmt::format("  and {} more (--top 0 shows all)",
                                     format_count(ranked.size() - count))));
  }
  const SiteAmounts escaped = escaped_sites(subject, group);
  if (escaped.empty()) return;
  page.heading("WHAT ESCAPED", "of all scopes, by site");
  print_site_amounts(page, subject, escaped, subject.top);
}

}  // namespace

void print_scopes(Page& page, const Subject& subject) {
  const ScopeQuery& query = subject.query.scopes;
  const ScopeProfile& profile = subject.profile.scopes;
  const auto groups = analysis::group_scopes(profile);
  const ScopeGroup* const group = find_group(groups, query.rule);
  print_run_facts(page, subject);
  page.blank();
  if (group == nullptr || group->scopes.empty()) {
    return print_no_scopes(page, subject.profile, group);
  }
  print_scope_count(page, profile, groups, *group);
  print_stripped(page, subject.profile);
  if (query.number) {
    const std::vector<ScopeId> found = choose_scopes(profile, query);
    if (found.empty()) {
      page.field("", fmt::format("none with the number {}", *query.number));
    }
    const std::size_t count = shown(subject, found.size());
    for (std::size_t i = 0; i < count; ++i) print_one(page, subject, found[i]);
    return;
  }
  print_scope_trends(page, profile, *group);
  print_scope_cost(page, subject.profile, *group, query);
  print_scope_anomalies(page, profile);
  print_near_limits(page, subject);
  print_list(page, subject, *group, query);
}

}  // namespace sagemem::report
