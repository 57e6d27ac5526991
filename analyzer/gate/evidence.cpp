// SPDX-License-Identifier: Apache-2.0
#include "gate/evidence.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "analysis/ranking.h"

namespace sagemem::gate {
namespace {

using model::ScopeId;

constexpr std::size_t kSites = 3;
constexpr std::size_t kScopes = 10;

struct Amount {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
};

// By the index of the site.
using Amounts = std::map<std::size_t, Amount>;

Amount amount_of(const model::StackUse& use, Evidence evidence) {
  switch (evidence) {
    case Evidence::Leaked:
      return {use.live_bytes, use.live_blocks};
    case Evidence::Peak:
      return {use.peak_bytes, use.peak_blocks};
    case Evidence::Temporary:
      return {0, use.temporary};
    default:
      return {use.bytes_allocated, use.allocations};
  }
}

// What one stack has of it, by class where the figure is of one.
Amount amount_of_stack(std::size_t stack, const FigureUse& use,
                       const Facts& facts) {
  using model::LeakClass;
  const model::StackUse& all = facts.subject().profile.uses[stack];
  const analysis::LeakReport* const leaks = facts.leaks_of(use);
  if (!use.figure->has(kByClass) || leaks == nullptr)
    return amount_of(all, use.figure->evidence);
  const model::LeakAmounts& left = leaks->stacks[stack];
  Amount sum;
  const auto add = [&](LeakClass which) {
    sum.bytes += left[which].bytes;
    sum.blocks += left[which].blocks;
  };
  const Evidence evidence = use.figure->evidence;
  const bool is_any = evidence == Evidence::Leaked;
  if (is_any || evidence == Evidence::Lost) add(LeakClass::Lost);
  if (is_any || evidence == Evidence::Lost || evidence == Evidence::Indirect)
    add(LeakClass::IndirectlyLost);
  if (is_any || evidence == Evidence::Reachable) add(LeakClass::Reachable);
  if (is_any) add(LeakClass::NotScanned);
  return sum;
}

Amounts amounts_of_stacks(const FigureUse& use, const Facts& facts) {
  const report::Subject& subject = facts.subject();
  const std::vector<bool>* const chosen = facts.stacks_of(use);
  Amounts result;
  for (std::size_t i = 0; i < subject.sites.site_of_stack.size(); ++i) {
    const std::uint32_t site = subject.sites.site_of_stack[i];
    if (site == analysis::kNoSite) continue;
    if (chosen != nullptr && !(*chosen)[i]) continue;
    const Amount one = amount_of_stack(i, use, facts);
    result[site].bytes += one.bytes;
    result[site].blocks += one.blocks;
  }
  return result;
}

// Of all scopes of a name, or of one.
Amounts amounts_of_escapes(const std::vector<model::Escape>& escapes,
                           const std::vector<std::uint32_t>& owners,
                           const report::Subject& subject) {
  Amounts result;
  for (const model::Escape& one : escapes) {
    if (std::find(owners.begin(), owners.end(), one.owner) == owners.end())
      continue;
    Amount& amount = result[subject.sites.site_of_stack[one.stack]];
    amount.bytes += one.bytes;
    amount.blocks += one.blocks;
  }
  return result;
}

Amounts amounts_of_peak(ScopeId scope, const report::Subject& subject) {
  model::ReplayOptions options;
  options.watched_scopes = {scope};
  const model::Profile profile = subject.replay(options);
  Amounts result;
  for (const model::ScopePeakUse& one : profile.scopes.scope_peaks) {
    if (one.scope != scope || one.stack >= subject.sites.site_of_stack.size())
      continue;
    Amount& amount = result[subject.sites.site_of_stack[one.stack]];
    amount.bytes += one.bytes;
    amount.blocks += one.blocks;
  }
  return result;
}

// What the baseline's runs had of a site at the most.
std::optional<Amount> baseline_amount(const std::string& key,
                                      const FigureUse& use,
                                      const Facts& facts) {
  if (facts.baseline() == nullptr) return std::nullopt;
  // Sums over all blocks of a site say nothing about some of them.
  if (use.about != About::Run) return std::nullopt;
  const auto found = facts.baseline()->sites.find(key);
  if (found == facts.baseline()->sites.end()) return Amount{};
  const SiteBaseline& site = found->second;
  const auto count = [](const Band& band) {
    return static_cast<std::uint64_t>(std::clamp(band.high, 0.0, 9e15));
  };
  switch (use.figure->evidence) {
    case Evidence::Leaked:
    case Evidence::Lost:
    case Evidence::Indirect:
    case Evidence::Reachable:
      return Amount{count(site.leaked_bytes), count(site.leaked_blocks)};
    case Evidence::Peak:
      return Amount{count(site.peak_bytes), count(site.peak_blocks)};
    case Evidence::Temporary:
      return Amount{0, count(site.temporary)};
    default:
      return Amount{count(site.bytes), count(site.blocks)};
  }
}

SiteEvidence describe_site(std::size_t index, const Amount& now,
                           const FigureUse& use, const Facts& facts) {
  const report::Subject& subject = facts.subject();
  const symbolize::Location& at = *subject.sites.sites[index].location;
  SiteEvidence site;
  site.function = at.name();
  site.file = at.file;
  site.line = at.line;
  site.module = at.module;
  site.bytes = now.bytes;
  site.blocks = now.blocks;
  site.has_bytes = use.figure->evidence != Evidence::Temporary;
  const auto before = baseline_amount(facts.site_keys()[index], use, facts);
  if (!before) return site;
  site.is_new = before->blocks == 0;
  const bool is_more =
      now.bytes > before->bytes ||
      (now.bytes == before->bytes && now.blocks > before->blocks);
  if (site.is_new || !is_more) return site;
  site.is_change = true;
  site.bytes -= std::min(before->bytes, now.bytes);
  site.blocks -= std::min(before->blocks, now.blocks);
  return site;
}

auto rank_of(const SiteEvidence& site) {
  // Those that have become worse first.
  return std::tuple(!(site.is_new || site.is_change), ~site.bytes, ~site.blocks,
                    site.function, site.file, site.line, site.module);
}

void add_sites(Finding& finding, const Amounts& amounts, const FigureUse& use,
               const Facts& facts) {
  for (const auto& [index, amount] : amounts) {
    if (amount.blocks > 0)
      finding.sites.push_back(describe_site(index, amount, use, facts));
  }
  std::sort(finding.sites.begin(), finding.sites.end(),
            [](const SiteEvidence& a, const SiteEvidence& b) {
              return rank_of(a) < rank_of(b);
            });
  if (finding.sites.size() <= kSites) return;
  finding.other_sites = finding.sites.size() - kSites;
  finding.sites.resize(kSites);
}

// The scopes that have most of it: all that have some where they are summed
// up, else those that go beyond the bound themselves.
std::vector<ScopeReading> worst_scopes(const FigureUse& use,
                                       const std::optional<Band>& bound,
                                       const Facts& facts) {
  std::vector<ScopeReading> readings = facts.read_scopes(use);
  const bool is_sum = use.aggregate == Aggregate::Sum;
  std::erase_if(readings, [&](const ScopeReading& one) {
    if (is_sum || !bound) return one.value <= 0;
    return one.value <= bound->high;
  });
  std::stable_sort(readings.begin(), readings.end(),
                   [](const ScopeReading& a, const ScopeReading& b) {
                     return a.value > b.value;
                   });
  return readings;
}

void add_scopes(Finding& finding, const std::vector<ScopeReading>& readings,
                const Facts& facts) {
  const auto& scopes = facts.subject().profile.scopes.scopes;
  const std::size_t count = std::min(readings.size(), kScopes);
  for (std::size_t i = 0; i < count; ++i) {
    finding.scopes.push_back(
        {scopes[readings[i].scope].number, readings[i].value});
  }
  finding.other_scopes = readings.size() - count;
}

// What each scope has, where the figure is one of all of them together.
FigureUse figure_of_each(const FigureUse& use) {
  if (use.aggregate != Aggregate::None) return use;
  FigureUse result = use;
  result.about = About::Scope;
  result.arguments.resize(1);
  const bool is_escape = use.figure->evidence == Evidence::Escaped;
  result.figure =
      find_figure(About::Scope, is_escape ? "escaped.bytes" : "peak.bytes");
  result.aggregate = result.figure->aggregate;
  return result;
}

void add_scope_evidence(Finding& finding, const FigureUse& use,
                        const Facts& facts) {
  const analysis::ScopeGroup* const group = facts.group_of(use);
  if (group == nullptr) return;
  const report::Subject& subject = facts.subject();
  const FigureUse each = figure_of_each(use);
  finding.scope_name = group->name;
  finding.scope_unit = each.figure->unit;
  const bool is_of_each = use.aggregate != Aggregate::None;
  const auto worst =
      worst_scopes(each, is_of_each ? finding.bound : std::nullopt, facts);
  add_scopes(finding, worst, facts);
  if (use.figure->evidence == Evidence::Escaped) {
    add_sites(finding,
              amounts_of_escapes(subject.profile.scopes.escapes, group->rules,
                                 subject),
              use, facts);
  } else if (!worst.empty()) {
    add_sites(finding, amounts_of_peak(worst.front().scope, subject), use,
              facts);
  }
}

const FigureUse* first_figure(const Node& node) {
  const FigureUse* found = nullptr;
  each_figure(node, [&found](const Node& one) {
    if (found == nullptr && !one.use.is_of_baseline &&
        one.use.figure->evidence != Evidence::None)
      found = &one.use;
  });
  return found;
}

}  // namespace

void Evidences::add(Finding& finding, const Compared& compared) const {
  const FigureUse* const use = first_figure(*compared.node);
  if (use == nullptr) return;
  switch (use->figure->evidence) {
    case Evidence::Escaped:
    case Evidence::Scopes:
      add_scope_evidence(finding, *use, facts_);
      break;
    default:
      add_sites(finding, amounts_of_stacks(*use, facts_), *use, facts_);
  }
  for (SiteEvidence& site : finding.sites) add_source(site);
}

void Evidences::add_source(SiteEvidence& site) const {
  if (site.file.empty()) return;
  symbolize::SourceText& sources = facts_.subject().sources;
  site.source = sources.line(site.file, site.line);
  if (site.source.empty())
    site.source = sources.line(paths_.readable(site.file), site.line);
}

}  // namespace sagemem::gate
