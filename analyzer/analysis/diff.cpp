// SPDX-License-Identifier: Apache-2.0
#include "analysis/diff.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace sagemem::analysis {
namespace {

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : b - a;
}

// ---------------------------------------------------------------------- sites

std::vector<Place> places_of(const DiffSide& side) {
  std::vector<Place> places;
  places.reserve(side.sites.sites.size());
  for (const Site& site : side.sites.sites) {
    const symbolize::Location& at = *site.location;
    places.push_back({.function = at.name(),
                      .file = at.file,
                      .line = at.line,
                      .module = at.module,
                      .text = side.sources.line(at.file, at.line),
                      .allocations = site.use.allocations,
                      .bytes_allocated = site.use.bytes_allocated});
  }
  return places;
}

std::vector<SiteFigures> figures_of(const DiffSide& side) {
  const SiteTable& table = side.sites;
  model::StackGroups groups;
  for (const std::uint32_t site : table.site_of_stack)
    groups.append(site == kNoSite ? std::span<const std::uint32_t>()
                                  : std::span(&site, 1));
  model::ReplayOptions options;
  options.groups = &groups;
  options.group_count = table.sites.size();
  const std::vector<model::GroupUse> over_time = side.replay(options).groups;
  std::vector<SiteFigures> figures;
  figures.reserve(table.sites.size());
  for (std::size_t i = 0; i < table.sites.size(); ++i) {
    const model::StackUse& use = table.sites[i].use;
    figures.push_back({.own_peak_bytes = over_time[i].most_bytes,
                       .own_peak_blocks = over_time[i].most_blocks,
                       .peak_bytes = use.peak_bytes,
                       .leaked_bytes = use.live_bytes,
                       .leaked_blocks = use.live_blocks,
                       .bytes_allocated = use.bytes_allocated,
                       .allocations = use.allocations,
                       .temporary = use.temporary});
  }
  return figures;
}

class SiteDiff {
 public:
  SiteDiff(const DiffSide& before, const DiffSide& after, const Noise& noise)
      : before_(before),
        after_(after),
        noise_(noise),
        old_figures_(figures_of(before)),
        new_figures_(figures_of(after)) {}

  std::vector<SiteChange> run() && {
    std::vector<bool> has_old(after_.sites.sites.size());
    std::vector<bool> has_new(before_.sites.sites.size());
    for (const PlacePair& pair :
         match_places(places_of(before_), places_of(after_))) {
      add(&pair.before, &pair.after, pair.likeness);
      has_new[pair.before] = true;
      has_old[pair.after] = true;
    }
    for (std::uint32_t i = 0; i < has_new.size(); ++i)
      if (!has_new[i]) add(&i, nullptr, Likeness::Same);
    for (std::uint32_t i = 0; i < has_old.size(); ++i)
      if (!has_old[i]) add(nullptr, &i, Likeness::Same);
    return std::move(changes_);
  }

 private:
  void add(const std::uint32_t* before, const std::uint32_t* after,
           Likeness likeness) {
    SiteChange change;
    change.likeness = likeness;
    if (before != nullptr) {
      change.before = before_.sites.sites[*before].location;
      change.old_use = old_figures_[*before];
    }
    if (after != nullptr) {
      change.after = after_.sites.sites[*after].location;
      change.new_use = new_figures_[*after];
    }
    const SiteFigures& old_use = change.old_use;
    const SiteFigures& new_use = change.new_use;
    change.own_peak =
        judged(change, old_use.own_peak_bytes, new_use.own_peak_bytes, peak());
    change.leaked =
        judged(change, old_use.leaked_bytes, new_use.leaked_bytes, leaked());
    change.allocated = judged(change, old_use.bytes_allocated,
                              new_use.bytes_allocated, allocated());
    changes_.push_back(change);
  }

  // A site that was there before is not new, whatever it held.
  [[nodiscard]] Verdict judged(const SiteChange& change, std::uint64_t before,
                               std::uint64_t after, std::uint64_t whole) const {
    const Verdict verdict = judge(before, after, whole, noise_);
    if (verdict == Verdict::New && change.before != nullptr)
      return Verdict::Grown;
    if (verdict == Verdict::Gone && change.after != nullptr)
      return Verdict::Shrunk;
    return verdict;
  }

  [[nodiscard]] std::uint64_t peak() const {
    return std::max(before_.profile.peak.bytes, after_.profile.peak.bytes);
  }
  [[nodiscard]] std::uint64_t leaked() const {
    return std::max(before_.profile.leaked_bytes, after_.profile.leaked_bytes);
  }
  [[nodiscard]] std::uint64_t allocated() const {
    return std::max(before_.profile.totals.bytes_allocated,
                    after_.profile.totals.bytes_allocated);
  }

  const DiffSide& before_;
  const DiffSide& after_;
  const Noise& noise_;
  std::vector<SiteFigures> old_figures_;
  std::vector<SiteFigures> new_figures_;
  std::vector<SiteChange> changes_;
};

// --------------------------------------------------------------------- scopes

// What a scope is known by in any run: the name of its rule, its number, and
// what was captured, by name.
using ScopeKey = std::tuple<std::string, std::int64_t,
                            std::vector<std::pair<std::string, std::int64_t>>>;

std::map<ScopeKey, std::vector<model::ScopeId>> scopes_by_key(
    const model::ScopeProfile& scopes) {
  std::map<ScopeKey, std::vector<model::ScopeId>> result;
  for (model::ScopeId id = 0; id < scopes.scopes.size(); ++id) {
    const model::Scope& scope = scopes.scopes[id];
    ScopeKey key(scopes.rules[scope.rule].name, scope.number, {});
    for (const model::CapturedValue& value : scopes.captured_of(scope))
      std::get<2>(key).emplace_back(scopes.keys[value.key], value.value);
    result[std::move(key)].push_back(id);
  }
  return result;
}

class ScopeDiff {
 public:
  ScopeDiff(const model::Profile& before, const model::Profile& after,
            Diff& diff)
      : before_(before), after_(after), diff_(diff) {}

  void run() {
    const auto before = scopes_by_key(before_.scopes);
    auto after = scopes_by_key(after_.scopes);
    diff_.new_scopes = after_.scopes.scopes.size();
    for (const auto& [key, ids] : before) {
      const std::vector<model::ScopeId>& partners = after[key];
      const std::size_t count = std::min(ids.size(), partners.size());
      for (std::size_t i = 0; i < count; ++i) compare(key, ids[i], partners[i]);
      diff_.old_scopes += ids.size() - count;
      diff_.new_scopes -= count;
    }
    sort();
  }

 private:
  [[nodiscard]] const model::Scope& old_scope(model::ScopeId id) const {
    return before_.scopes.scopes[id];
  }
  [[nodiscard]] const model::Scope& new_scope(model::ScopeId id) const {
    return after_.scopes.scopes[id];
  }

  [[nodiscard]] auto rank(const ScopeChange& change) const {
    const model::Scope& a = old_scope(change.before);
    const model::Scope& b = new_scope(change.after);
    return std::tuple(~distance(a.peak_bytes, b.peak_bytes),
                      ~distance(a.escaped_bytes, b.escaped_bytes),
                      std::string_view(change.rule), change.number,
                      change.before);
  }

  void sort() {
    std::sort(diff_.scopes.begin(), diff_.scopes.end(),
              [this](const ScopeChange& a, const ScopeChange& b) {
                return rank(a) < rank(b);
              });
  }

  void compare(const ScopeKey& key, model::ScopeId before,
               model::ScopeId after) {
    const model::Scope& a = old_scope(before);
    const model::Scope& b = new_scope(after);
    ScopeChange change{std::get<0>(key), std::get<1>(key), before, after};
    // Each scope is a whole of its own.
    const auto judged = [this](std::uint64_t one, std::uint64_t other) {
      return judge(one, other, std::max(one, other), diff_.noise);
    };
    change.peak = judged(a.peak_bytes, b.peak_bytes);
    change.escaped = judged(a.escaped_bytes, b.escaped_bytes);
    change.allocated = judged(a.allocated_bytes, b.allocated_bytes);
    if (change.is_same()) {
      ++diff_.equal_scopes;
    } else {
      diff_.scopes.push_back(std::move(change));
    }
  }

  const model::Profile& before_;
  const model::Profile& after_;
  Diff& diff_;
};

}  // namespace

bool Noise::covers(std::uint64_t before, std::uint64_t after,
                   std::uint64_t whole) const {
  const auto apart = static_cast<double>(distance(before, after));
  return apart <= share * static_cast<double>(std::max(before, after)) ||
         apart <= share / 10 * static_cast<double>(whole);
}

Verdict judge(std::uint64_t before, std::uint64_t after, std::uint64_t whole,
              const Noise& noise) {
  if (before == after || noise.covers(before, after, whole))
    return Verdict::Same;
  if (before == 0) return Verdict::New;
  if (after == 0) return Verdict::Gone;
  return before < after ? Verdict::Grown : Verdict::Shrunk;
}

Diff find_diff(const DiffSide& before, const DiffSide& after, Noise noise) {
  Diff diff;
  diff.noise = noise;
  diff.sites = SiteDiff(before, after, noise).run();
  ScopeDiff(before.profile, after.profile, diff).run();
  return diff;
}

std::vector<const SiteChange*> changed_sites(
    const Diff& diff, Verdict SiteChange::*verdict,
    std::uint64_t SiteFigures::*figure) {
  std::vector<const SiteChange*> result;
  for (const SiteChange& change : diff.sites)
    if (change.*verdict != Verdict::Same) result.push_back(&change);
  const auto rank = [figure](const SiteChange* change) {
    const symbolize::Location& at = change->location();
    return std::tuple(
        ~distance(change->old_use.*figure, change->new_use.*figure), at.name(),
        at.file, at.line, at.module);
  };
  std::sort(result.begin(), result.end(),
            [&rank](const SiteChange* a, const SiteChange* b) {
              return rank(a) < rank(b);
            });
  return result;
}

}  // namespace sagemem::analysis
