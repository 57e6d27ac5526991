// SPDX-License-Identifier: Apache-2.0
//
// Which sites have blocks of one size, and which have blocks that are all gone
// by the end of the scope that they were born in.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "analysis/reuse.h"
#include "analysis/scope_lookup.h"

namespace sagemem::analysis {
namespace {

using model::Block;
using model::ScopeId;

// Of a site of one size so many have it.
constexpr double kOneSize = 0.99;
constexpr std::size_t kMostSizes = 16;  // that are told apart
constexpr std::uint64_t kGranule = 8;
constexpr std::uint64_t kLeastBlocks = 10;
// One scope for the whole run is nothing that is done again and again.
constexpr std::size_t kLeastScopes = 2;

struct SiteCensus {
  std::uint64_t blocks = 0;
  std::map<std::uint64_t, std::uint64_t> sizes;  // rounded up
  std::vector<std::uint64_t> in_group;           // by group of scopes
};

class Census : public model::HeapObserver {
 public:
  Census(const SiteTable& sites, const ScopeLookup& lookup, std::size_t groups)
      : sites_(sites), lookup_(lookup), last_birth_(groups) {
    found.resize(sites.sites.size());
    for (SiteCensus& one : found) one.in_group.resize(groups);
  }

  void start(const model::ScopeModel& scopes,
             const decode::TickClock&) override {
    scopes_ = &scopes;
  }

  void allocate(const Place& place) override {
    const Block& block = place.block;
    if (block.stack >= sites_.site_of_stack.size()) return;
    const std::uint32_t site = sites_.site_of_stack[block.stack];
    if (site == kNoSite) return;
    SiteCensus& census = found[site];
    ++census.blocks;
    const std::uint64_t size = (block.size + kGranule - 1) & ~(kGranule - 1);
    if (census.sizes.size() < kMostSizes || census.sizes.contains(size)) {
      ++census.sizes[size];
    }
    ++births_;
    scopes_->each_scope(block.origin, [&](ScopeId scope) {
      const std::uint32_t group = lookup_.group(scope);
      if (group >= last_birth_.size() || last_birth_[group] == births_) return;
      last_birth_[group] = births_;
      ++census.in_group[group];
    });
  }

  void release(std::uint64_t, const Block&) override {}

  std::vector<SiteCensus> found;  // by site

 private:
  const SiteTable& sites_;
  const ScopeLookup& lookup_;
  std::uint64_t births_ = 0;
  std::vector<std::uint64_t> last_birth_;  // by group: that it has counted
  const model::ScopeModel* scopes_ = nullptr;
};

// The size that nearly all have; 0: there is none.
std::uint64_t one_size(const SiteCensus& census) {
  for (const auto& [size, count] : census.sizes) {
    if (static_cast<double>(count) >=
        kOneSize * static_cast<double>(census.blocks)) {
      return size;
    }
  }
  return 0;
}

bool has_escaped(const model::ScopeProfile& scopes, const ScopeGroup& group,
                 const Site& site) {
  return std::any_of(
      scopes.escapes.begin(), scopes.escapes.end(), [&](const auto& escape) {
        const auto is_in = [](const auto& list, std::uint32_t value) {
          return std::find(list.begin(), list.end(), value) != list.end();
        };
        return is_in(group.rules, escape.owner) &&
               is_in(site.stacks, escape.stack);
      });
}

bool is_large_enough(const model::Profile& profile, const Site& site) {
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  return site.use.allocations >= kLeastBlocks &&
         (share(site.use.allocations, profile.totals.allocations) >=
              kReuseShareOfCalls ||
          share(site.use.bytes_allocated, profile.totals.bytes_allocated) >=
              kReuseShareOfBytes);
}

bool is_before(const SiteTable& sites, std::uint32_t a, std::uint32_t b) {
  const symbolize::Location& x = *sites.sites[a].location;
  const symbolize::Location& y = *sites.sites[b].location;
  return std::tuple(sites.sites[b].use.allocations, x.name(), x.file, x.line,
                    x.module) < std::tuple(sites.sites[a].use.allocations,
                                           y.name(), y.file, y.line, y.module);
}

ReuseChoice choice_of(const SiteTable& sites, std::uint32_t site,
                      ReuseKind kind) {
  ReuseChoice choice;
  choice.kind = kind;
  choice.sites = {site};
  choice.blocks = sites.sites[site].use.allocations;
  choice.bytes = sites.sites[site].use.bytes_allocated;
  return choice;
}

// All sites of the scopes together: one arena does for them.
void add_shared_arenas(std::vector<ReuseChoice>& choices) {
  std::map<std::string, ReuseChoice> shared;
  for (const ReuseChoice& one : choices) {
    if (one.kind != ReuseKind::Arena) continue;
    ReuseChoice& all = shared[one.scope];
    all.kind = ReuseKind::Arena;
    all.scope = one.scope;
    all.sites.push_back(one.sites.front());
    all.blocks += one.blocks;
    all.bytes += one.bytes;
  }
  for (auto& [name, all] : shared) {
    if (all.sites.size() > 1) choices.push_back(std::move(all));
  }
}

}  // namespace

std::vector<ReuseChoice> find_reuse_choices(const model::Profile& profile,
                                            const SiteTable& sites,
                                            const ReplayAgain& replay) {
  const std::vector<ScopeGroup> groups = group_scopes(profile.scopes);
  const ScopeLookup lookup(profile.scopes, groups);
  Census census(sites, lookup, groups.size());
  model::ReplayOptions again;
  again.heap_observer = &census;
  static_cast<void>(replay(again));
  std::vector<std::uint32_t> order;
  for (std::uint32_t site = 0; site < sites.sites.size(); ++site) {
    if (is_large_enough(profile, sites.sites[site])) order.push_back(site);
  }
  std::sort(order.begin(), order.end(),
            [&sites](auto a, auto b) { return is_before(sites, a, b); });
  std::vector<ReuseChoice> choices;
  for (const std::uint32_t site : order) {
    const SiteCensus& found = census.found[site];
    const std::uint64_t size = one_size(found);
    if (size > 0) {
      choices.push_back(choice_of(sites, site, ReuseKind::Pool));
      choices.back().block_bytes = size;
    }
    for (std::size_t group = 0; group < groups.size(); ++group) {
      if (groups[group].scopes.size() < kLeastScopes ||
          found.in_group[group] != found.blocks ||
          has_escaped(profile.scopes, groups[group], sites.sites[site])) {
        continue;
      }
      choices.push_back(choice_of(sites, site, ReuseKind::Arena));
      choices.back().scope = groups[group].name;
    }
  }
  add_shared_arenas(choices);
  return choices;
}

}  // namespace sagemem::analysis
