// SPDX-License-Identifier: Apache-2.0
#include "analysis/advise.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/scope_groups.h"

namespace sagemem::analysis {
namespace {

// A call less is worth half of what its share would be in bytes.
constexpr double kCallsWeight = 0.5;
// An allocator that holds so much more than the present one is no advice.
constexpr double kMostMoreHeld = 1.25;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0
                    : static_cast<double>(part) / static_cast<double>(whole);
}

std::uint64_t less(std::uint64_t now, std::uint64_t then) {
  return now > then ? now - then : 0;
}

class Adviser {
 public:
  Adviser(const model::Profile& profile, const SiteTable& sites,
          const AdviceLimits& least)
      : profile_(profile),
        sites_(sites),
        least_(least),
        peak_(profile.peak.bytes),
        calls_(profile.totals.allocations + profile.totals.releases) {}

  void look_at_leaks();
  void look_at_escapes();
  void look_at_growth(const std::vector<GrowthSite>& growth);
  void look_at_reuse(const Reuse& reuse);
  void look_at_temporary();
  void look_at_limits(const std::vector<LimitUse>& limits);
  void look_at_holders();
  std::vector<Advice> finish() &&;

 private:
  Advice& add(AdviceKind kind, std::vector<std::uint32_t> sites,
              double weight) {
    Advice advice;
    advice.kind = kind;
    advice.sites = std::move(sites);
    advice.weight = std::min(weight, 1.0);
    found_.push_back(std::move(advice));
    return found_.back();
  }
  [[nodiscard]] std::tuple<std::string, std::string, std::uint32_t> place(
      const Advice& advice) const {
    if (advice.sites.empty()) return {};
    const symbolize::Location& at =
        *sites_.sites[advice.sites.front()].location;
    return {at.name(), at.file, at.line};
  }

  const model::Profile& profile_;
  const SiteTable& sites_;
  const AdviceLimits& least_;
  std::uint64_t peak_;
  std::uint64_t calls_;
  std::set<std::uint32_t> is_advised_;  // sites whose calls were dealt with
  std::vector<Advice> found_;
};

// Of a program that was not seen to end nobody knows what it would have
// released.
void Adviser::look_at_leaks() {
  const auto end = static_cast<trace::EndKind>(profile_.header.end_kind);
  if (end != trace::EndKind::Exit) return;
  for (std::uint32_t i = 0; i < sites_.sites.size(); ++i) {
    const model::StackUse& use = sites_.sites[i].use;
    const double part = share(use.live_bytes, peak_);
    if (part < least_.leaked_share || use.live_bytes < least_.leaked_bytes) {
      continue;
    }
    Advice& advice = add(AdviceKind::Leak, {i}, part);
    advice.blocks = use.live_blocks;
    advice.bytes = use.live_bytes;
    advice.gain_bytes = use.live_bytes;
  }
}

// Released in the end, and so no leak; but later than they could be.
void Adviser::look_at_escapes() {
  for (const ScopeGroup& group : group_scopes(profile_.scopes)) {
    std::map<std::uint32_t, model::Escape> by_site;
    for (const model::Escape& escape : profile_.scopes.escapes) {
      const bool is_here = std::find(group.rules.begin(), group.rules.end(),
                                     escape.owner) != group.rules.end();
      if (!is_here || escape.stack >= sites_.site_of_stack.size()) continue;
      model::Escape& sum = by_site[sites_.site_of_stack[escape.stack]];
      sum.blocks += less(escape.blocks, escape.live_blocks);
      sum.bytes += less(escape.bytes, escape.live_bytes);
    }
    for (const auto& [site, escape] : by_site) {
      if (site == kNoSite) continue;
      // No more of them were alive at once than at the peak.
      const std::uint64_t bytes =
          std::min(escape.bytes, sites_.sites[site].use.peak_bytes);
      const double part = share(bytes, peak_);
      if (part < least_.escaped_share) continue;
      Advice& advice = add(AdviceKind::Escape, {site}, part);
      advice.blocks = escape.blocks;
      advice.bytes = escape.bytes;
      advice.gain_bytes = bytes;
      advice.scope = group.name;
      advice.scopes = group.scopes.size();
    }
  }
}

void Adviser::look_at_growth(const std::vector<GrowthSite>& growth) {
  for (const GrowthSite& one : growth) {
    const double copied =
        share(one.bytes_copied, profile_.totals.bytes_allocated);
    const double called =
        share(one.steps, profile_.totals.allocations) * kCallsWeight;
    if (copied < least_.copied_share &&
        (called < least_.called_share || one.steps < least_.calls)) {
      continue;
    }
    // By a factor already: there is nothing better to say than to reserve, and
    // that only its author can know.
    if (one.rule == GrowthRule::Geometric) continue;
    Advice& advice =
        add(AdviceKind::Growth, {one.site}, std::max(copied, called));
    advice.blocks = one.ladders;
    advice.bytes = one.bytes_copied;
    advice.gain_bytes = one.bytes_copied;
    advice.gain_calls = one.steps;
    advice.growth = one;
  }
}

// The best for each site; what is for several at once covers them all.
void Adviser::look_at_reuse(const Reuse& reuse) {
  for (const ReuseResult& one : reuse.results) {
    const std::uint64_t calls = less(one.calls_now, one.calls_then);
    const double part = share(calls, calls_);
    const bool is_too_much =
        static_cast<double>(one.held.bytes) >
        kMostMoreHeld * static_cast<double>(reuse.present.bytes);
    const bool is_known =
        std::any_of(one.choice.sites.begin(), one.choice.sites.end(),
                    [this](auto site) { return is_advised_.contains(site); });
    if (part < least_.called_share || calls < least_.calls || is_too_much ||
        is_known) {
      continue;
    }
    const std::uint64_t bytes = less(reuse.present.bytes, one.held.bytes);
    const std::uint64_t more = less(one.held.bytes, reuse.present.bytes);
    const double weight = part * kCallsWeight +
                          share(bytes, reuse.present.bytes) -
                          share(more, reuse.present.bytes);
    Advice& advice = add(one.choice.kind == ReuseKind::Pool ? AdviceKind::Pool
                                                            : AdviceKind::Arena,
                         one.choice.sites, std::max(weight, 0.0));
    advice.cost_bytes = more;
    advice.blocks = one.choice.blocks;
    advice.bytes = one.choice.bytes;
    advice.gain_bytes = bytes;
    advice.gain_calls = calls;
    advice.reuse = one;
    is_advised_.insert(one.choice.sites.begin(), one.choice.sites.end());
  }
  const std::uint64_t lost =
      less(reuse.present.bytes, reuse.present.live_bytes);
  if (reuse.present.fragmentation() < least_.fragmentation ||
      lost < least_.fragmented_bytes) {
    return;
  }
  Advice& advice = add(AdviceKind::Fragmentation, {},
                       reuse.present.fragmentation() * kCallsWeight);
  advice.bytes = lost;
  advice.gain_bytes = less(reuse.present.bytes, reuse.slab.bytes);
}

void Adviser::look_at_temporary() {
  for (std::uint32_t i = 0; i < sites_.sites.size(); ++i) {
    const model::StackUse& use = sites_.sites[i].use;
    const double part = share(use.temporary, profile_.totals.allocations);
    if (part < least_.called_share || use.temporary < least_.calls ||
        is_advised_.contains(i)) {
      continue;
    }
    Advice& advice = add(AdviceKind::Temporary, {i}, part * kCallsWeight);
    advice.blocks = use.temporary;
    advice.bytes = use.bytes_allocated;
    advice.gain_calls = 2 * use.temporary;
  }
}

void Adviser::look_at_limits(const std::vector<LimitUse>& limits) {
  for (const LimitUse& one : limits) {
    if (!one.is_counted || share(one.most, one.limit) < least_.limit_share) {
      continue;
    }
    Advice& advice = add(AdviceKind::Limit, {}, share(one.most, one.limit));
    advice.limit = one;
  }
}

void Adviser::look_at_holders() {
  for (std::uint32_t i = 0; i < sites_.sites.size(); ++i) {
    const model::StackUse& use = sites_.sites[i].use;
    const double part = share(use.peak_bytes, peak_);
    if (part < least_.holder_share) continue;
    // What it would gain, only the author can tell: half of it, as it were.
    Advice& advice = add(AdviceKind::PeakHolder, {i}, part * kCallsWeight);
    advice.blocks = use.peak_blocks;
    advice.bytes = use.peak_bytes;
  }
}

std::vector<Advice> Adviser::finish() && {
  std::stable_sort(found_.begin(), found_.end(),
                   [this](const Advice& a, const Advice& b) {
                     if (a.weight != b.weight) return a.weight > b.weight;
                     if (a.kind != b.kind) return a.kind < b.kind;
                     return place(a) < place(b);
                   });
  return std::move(found_);
}

}  // namespace

std::vector<Advice> find_advice(const model::Profile& profile,
                                const SiteTable& sites,
                                const std::vector<LimitUse>& limits,
                                const std::vector<GrowthSite>& growth,
                                const Reuse& reuse, const AdviceLimits& least) {
  Adviser adviser(profile, sites, least);
  adviser.look_at_leaks();
  adviser.look_at_escapes();
  adviser.look_at_growth(growth);
  adviser.look_at_reuse(reuse);
  adviser.look_at_temporary();
  adviser.look_at_limits(limits);
  adviser.look_at_holders();
  return std::move(adviser).finish();
}

}  // namespace sagemem::analysis
