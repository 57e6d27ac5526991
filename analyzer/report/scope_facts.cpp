// SPDX-License-Identifier: Apache-2.0
#include "sagemem/trace/scope_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/scope_trends.h"
#include "report/scope_lines.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::ScopeGroup;
using model::Scope;
using model::ScopeId;
using model::ScopeProfile;

std::string signed_bytes(double bytes) {
  const auto magnitude =
      static_cast<std::uint64_t>(std::llround(std::abs(bytes)));
  return (bytes < 0 ? "-" : "+") + format_bytes(magnitude);
}

void print_worst(Page& page, const ScopeProfile& profile,
                 const ScopeGroup& group) {
  const auto worst = std::max_element(
      group.scopes.begin(), group.scopes.end(), [&](ScopeId a, ScopeId b) {
        return profile.scopes[a].peak_bytes < profile.scopes[b].peak_bytes;
      });
  const Scope& scope = profile.scopes[*worst];
  page.field("Highest", fmt::format("{}{}: {} of its own, {} with all else",
                                    page.clean(scope_name(profile, scope)),
                                    captured_text(page, profile, scope),
                                    format_bytes(scope.peak_bytes),
                                    format_bytes(scope.total_peak_bytes)));
}

void print_escaped(Page& page, const ScopeProfile& profile,
                   const ScopeGroup& group) {
  std::uint64_t scopes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
  std::string names;
  constexpr std::uint64_t kNamed = 5;
  for (const ScopeId id : group.scopes) {
    const Scope& scope = profile.scopes[id];
    if (scope.escaped_blocks == 0) continue;
    if (++scopes <= kNamed) {
      names += fmt::format("{} {}", scopes == 1 ? "" : ",", scope.number);
    }
    blocks += scope.escaped_blocks;
    bytes += scope.escaped_bytes;
  }
  if (scopes == 0) {
    page.field("Escaped", "no block outlived its scope", Tone::Good);
    return;
  }
  if (scopes > kNamed) names += " ..";
  page.field("Escaped",
             fmt::format("{} in {} outlived {}:{}", format_bytes(bytes),
                         format_things(blocks, "block"),
                         format_things(scopes, "scope"), names));
}

std::string interval_text(const analysis::Line& line) {
  return fmt::format("{} a scope (95 %: {} to {})", signed_bytes(line.slope),
                     signed_bytes(line.slope_low),
                     signed_bytes(line.slope_high));
}

void print_drift(Page& page, const ScopeProfile& profile,
                 const ScopeGroup& group) {
  const auto drift = analysis::find_drift(profile, group);
  if (!drift) return;
  const bool is_flat = drift->floor.is_flat();
  std::string text =
      is_flat ? "no drift of the heap from scope to scope"
              : fmt::format("drift of {}", interval_text(drift->floor));
  if (drift->resident && !drift->resident->is_flat()) {
    text += fmt::format("; RSS {}", interval_text(*drift->resident));
    if (is_flat && drift->resident->slope > 0)
      text += ", which is not live: kept by the allocator, or touched later";
  } else if (drift->resident) {
    text += ", none of RSS";
  }
  page.field("Floor", text, is_flat ? Tone::Good : Tone::Bad);
}

}  // namespace

std::string signed_count(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? "-" + format_count(0 - bits) : format_count(bits);
}

// " (nhalos 12,345, type 2)", or nothing.
std::string captured_text(const Page& page, const ScopeProfile& profile,
                          const Scope& scope) {
  std::string text;
  for (const model::CapturedValue& value : profile.captured_of(scope)) {
    const std::string& key = profile.keys[value.key];
    if (key == trace::kScopeNumber) continue;
    text += fmt::format("{}{} {}", text.empty() ? " (" : ", ", page.clean(key),
                        signed_count(value.value));
  }
  return text.empty() ? text : text + ")";
}

void print_scope_count(Page& page, const ScopeProfile& profile,
                       const std::vector<ScopeGroup>& groups,
                       const ScopeGroup& group) {
  std::string text = fmt::format(
      "{} of {}", format_things(group.scopes.size(), "scope"), group.name);
  for (const ScopeGroup& other : groups) {
    if (&other == &group || other.scopes.empty()) continue;
    text += fmt::format(", {} of {}", format_count(other.scopes.size()),
                        other.name);
  }
  page.field("Scopes", page.clean(text), Tone::Strong);
  page.field("", page.clean("seen: " + analysis::method_text(profile, group)));
}

void print_scope_trends(Page& page, const ScopeProfile& profile,
                        const ScopeGroup& group) {
  print_worst(page, profile, group);
  print_escaped(page, profile, group);
  print_drift(page, profile, group);
}

void print_scope_anomalies(Page& page, const ScopeProfile& profile) {
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* what) {
    if (count == 0) return;
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", what,
                        format_count(count));
  };
  add(profile.unmatched_ends, "ends of scopes that were not open");
  add(profile.unmatched_notes, "notes outside of any scope");
  add(profile.too_deep, "scopes too deep in others");
  if (!text.empty()) page.field("Not counted", text, Tone::Bad);
}

void print_stripped(Page& page, const model::Profile& profile) {
  if (profile.info_value(trace::kInfoSymbols) != trace::kDynamicSymbols) return;
  page.field("",
             "the program was stripped of its symbol table: the recorder "
             "found no functions but those that it exports");
}

void print_no_scopes(Page& page, const model::Profile& profile,
                     const ScopeGroup* group) {
  page.field("Scopes",
             group == nullptr
                 ? "none: no rule for this program"
                 : page.clean(fmt::format(
                       "none of {}: {}", group->name,
                       analysis::method_text(profile.scopes, *group))));
  print_stripped(page, profile);
}

void print_scope_facts(Page& page, const Subject& subject) {
  const ScopeProfile& profile = subject.profile.scopes;
  const auto groups = analysis::group_scopes(profile);
  const ScopeGroup* const group = analysis::main_group(groups);
  if (group == nullptr) return;
  page.blank();
  if (group->scopes.empty()) {
    return print_no_scopes(page, subject.profile, group);
  }
  print_scope_count(page, profile, groups, *group);
  print_scope_trends(page, profile, *group);
  print_scope_anomalies(page, profile);
}

}  // namespace sagemem::report
