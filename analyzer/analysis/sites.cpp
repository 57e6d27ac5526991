// SPDX-License-Identifier: Apache-2.0
#include "analysis/sites.h"

#include <tsl/robin_map.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace sagemem::analysis {
namespace {

using symbolize::Location;

void add(Site& site, model::StackId stack, const model::StackUse& use) {
  site.stacks.push_back(stack);
  add_use(site.use, use);
}

class SiteFinder {
 public:
  SiteFinder(const model::Profile& profile, symbolize::Symbolizer& symbols,
             const WrapperList& wrappers)
      : profile_(profile), symbols_(symbols), wrappers_(wrappers) {}

  SiteTable find() {
    table_.site_of_stack.assign(profile_.uses.size(), kNoSite);
    table_.frame_of_stack.resize(profile_.uses.size());
    for (std::size_t id = 0; id < profile_.uses.size(); ++id) {
      const model::StackUse& use = profile_.uses[id];
      if (use.allocations == 0) continue;
      const auto stack = static_cast<model::StackId>(id);
      const SiteFrame frame = site_frame(stack);
      const std::uint32_t index = site_at(frame.location);
      add(table_.sites[index], stack, use);
      table_.site_of_stack[id] = index;
      table_.frame_of_stack[id] = frame;
    }
    return std::move(table_);
  }

 private:
  // Walks outward.  A frame without a name belongs to what it was called from
  // when that is a wrapper of the same module: a stripped library shows its
  // entry points only, so vasprintf's own helper has none.
  SiteFrame site_frame(model::StackId stack) {
    static const Location no_stack = [] {
      Location location;
      location.function = "[no stack]";
      return location;
    }();
    SiteFrame outermost{model::kRootStack, &no_stack};
    std::optional<SiteFrame> unnamed;
    for (; stack != model::kRootStack; stack = profile_.stacks.outer(stack)) {
      for (const Location* at :
           symbols_.resolve(profile_.stacks.frame(stack))) {
        const SiteFrame here{stack, at};
        outermost = here;
        if (unnamed && unnamed->location->module != at->module) return *unnamed;
        if (at->function.empty()) {
          if (!unnamed) unnamed = here;
        } else if (is_wrapper(at)) {
          unnamed.reset();
        } else {
          return unnamed.value_or(here);
        }
      }
    }
    return unnamed.value_or(outermost);
  }

  bool is_wrapper(const Location* location) {
    const auto [known, is_new] = is_wrapper_.try_emplace(location, false);
    if (is_new) known.value() = wrappers_.matches(location->function);
    return known->second;
  }

  std::uint32_t site_at(const Location* location) {
    const auto known = site_of_location_.find(location);
    if (known != site_of_location_.end()) return known->second;
    // One line that was compiled into two modules is one site; two static
    // functions of one name that have no line are two.
    const auto next = static_cast<std::uint32_t>(table_.sites.size());
    const auto [site, is_new] =
        sites_.try_emplace(Key(location->name(), location->file, location->line,
                               location->file.empty() ? location->module : ""),
                           next);
    if (is_new) table_.sites.push_back({location, {}, {}});
    site_of_location_.emplace(location, site->second);
    return site->second;
  }

  using Key = std::tuple<std::string, std::string, std::uint32_t, std::string>;

  const model::Profile& profile_;
  symbolize::Symbolizer& symbols_;
  const WrapperList& wrappers_;
  SiteTable table_;
  std::map<Key, std::uint32_t> sites_;
  tsl::robin_map<const Location*, std::uint32_t> site_of_location_;
  tsl::robin_map<const Location*, bool> is_wrapper_;
};

}  // namespace

void add_use(model::StackUse& sum, const model::StackUse& use) {
  sum.allocations += use.allocations;
  sum.bytes_allocated += use.bytes_allocated;
  sum.temporary += use.temporary;
  sum.peak_bytes += use.peak_bytes;
  sum.peak_blocks += use.peak_blocks;
  sum.live_bytes += use.live_bytes;
  sum.live_blocks += use.live_blocks;
}

SiteTable find_sites(const model::Profile& profile,
                     symbolize::Symbolizer& symbols,
                     const WrapperList& wrappers) {
  return SiteFinder(profile, symbols, wrappers).find();
}

SiteTable restrict_sites(const SiteTable& table, const model::Profile& profile,
                         const std::function<bool(model::StackId)>& belongs) {
  SiteTable part;
  part.site_of_stack.assign(table.site_of_stack.size(), kNoSite);
  part.frame_of_stack.resize(table.site_of_stack.size());
  for (const Site& site : table.sites) {
    Site some{site.location, {}, {}};
    const auto index = static_cast<std::uint32_t>(part.sites.size());
    for (const model::StackId stack : site.stacks) {
      if (!belongs(stack)) continue;
      add(some, stack, profile.uses[stack]);
      part.site_of_stack[stack] = index;
      part.frame_of_stack[stack] = table.frame_of_stack[stack];
    }
    if (!some.stacks.empty()) part.sites.push_back(std::move(some));
  }
  return part;
}

}  // namespace sagemem::analysis
