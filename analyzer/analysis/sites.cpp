// SPDX-License-Identifier: Apache-2.0
#include "analysis/sites.h"

#include <tsl/robin_map.h>

#include <map>
#include <string>
#include <tuple>

namespace sagemem::analysis {
namespace {

using symbolize::Location;

class SiteFinder {
 public:
  SiteFinder(const model::Profile& profile, symbolize::Symbolizer& symbols,
             const WrapperList& wrappers)
      : profile_(profile), symbols_(symbols), wrappers_(wrappers) {}

  SiteTable find() {
    table_.site_of_stack.assign(profile_.uses.size(), kNoSite);
    for (std::size_t id = 0; id < profile_.uses.size(); ++id) {
      const model::StackUse& use = profile_.uses[id];
      if (use.allocations == 0) continue;
      const auto stack = static_cast<model::StackId>(id);
      const std::uint32_t index = site_at(site_location(stack));
      add(table_.sites[index], stack, use);
      table_.site_of_stack[id] = index;
    }
    return std::move(table_);
  }

 private:
  static void add(Site& site, model::StackId stack,
                  const model::StackUse& use) {
    site.stacks.push_back(stack);
    site.use.allocations += use.allocations;
    site.use.bytes_allocated += use.bytes_allocated;
    site.use.temporary += use.temporary;
    site.use.peak_bytes += use.peak_bytes;
    site.use.peak_blocks += use.peak_blocks;
    site.use.live_bytes += use.live_bytes;
    site.use.live_blocks += use.live_blocks;
  }

  // Walks outward.  A frame without a name belongs to what it was called from
  // when that is a wrapper of the same module: a stripped library shows its
  // entry points only, so vasprintf's own helper has none.
  const Location* site_location(model::StackId stack) {
    static const Location no_stack = [] {
      Location location;
      location.function = "[no stack]";
      return location;
    }();
    const Location* outermost = &no_stack;
    const Location* unnamed = nullptr;
    for (; stack != model::kRootStack; stack = profile_.stacks.outer(stack)) {
      for (const Location* at :
           symbols_.resolve(profile_.stacks.frame(stack))) {
        outermost = at;
        if (unnamed != nullptr && unnamed->module != at->module) return unnamed;
        if (at->function.empty()) {
          if (unnamed == nullptr) unnamed = at;
        } else if (is_wrapper(at)) {
          unnamed = nullptr;
        } else {
          return unnamed != nullptr ? unnamed : at;
        }
      }
    }
    return unnamed != nullptr ? unnamed : outermost;
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

SiteTable find_sites(const model::Profile& profile,
                     symbolize::Symbolizer& symbols,
                     const WrapperList& wrappers) {
  return SiteFinder(profile, symbols, wrappers).find();
}

}  // namespace sagemem::analysis
