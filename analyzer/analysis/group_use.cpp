// SPDX-License-Identifier: Apache-2.0
#include "analysis/group_use.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "symbolize/names.h"

namespace sagemem::analysis {
namespace {

// Numbers in order of appearance.
class Numbers {
 public:
  std::uint32_t of(const std::string& name) {
    const auto next = static_cast<std::uint32_t>(names_.size());
    const auto [known, is_new] = numbers_.try_emplace(name, next);
    if (is_new) names_.push_back(name);
    return known->second;
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> names_;
};

std::vector<model::GroupUse> count(const model::StackGroups& groups,
                                   std::size_t group_count,
                                   const ReplayAgain& replay) {
  model::ReplayOptions options;
  options.groups = &groups;
  options.group_count = group_count;
  return replay(options).groups;
}

// The functions that were passed over on the way from the allocation to the
// site, each once.
std::set<std::string> wrappers_of(const model::StackTree& stacks,
                                  symbolize::Symbolizer& symbols,
                                  model::StackId stack, const SiteFrame& site) {
  std::set<std::string> result;
  for (; stack != model::kRootStack; stack = stacks.outer(stack)) {
    for (const symbolize::Location* at : symbols.resolve(stacks.frame(stack))) {
      if (stack == site.stack && at == site.location) return result;
      if (!at->function.empty())
        result.insert(symbolize::plain_name(at->function));
    }
  }
  return result;
}

}  // namespace

std::vector<ModuleUse> find_module_uses(const model::Profile& profile,
                                        const SiteTable& sites,
                                        const ReplayAgain& replay) {
  Numbers numbers;
  std::vector<ModuleUse> result;
  std::vector<std::set<std::uint32_t>> sites_of;
  model::StackGroups groups;
  for (std::size_t id = 0; id < sites.frame_of_stack.size(); ++id) {
    const symbolize::Location* const at = sites.frame_of_stack[id].location;
    if (at == nullptr) {
      groups.append({});
      continue;
    }
    const std::uint32_t number = numbers.of(at->module);
    if (number == result.size()) {
      result.emplace_back().module = at->module;
      sites_of.emplace_back();
    }
    groups.append(std::span(&number, 1));
    add_use(result[number].use, profile.uses[id]);
    sites_of[number].insert(sites.site_of_stack[id]);
  }
  const auto over_time = count(groups, result.size(), replay);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].over_time = over_time[i];
    result[i].sites = sites_of[i].size();
  }
  const auto key = [](const ModuleUse& one) {
    return std::tuple(~one.use.peak_bytes, ~one.use.bytes_allocated,
                      ~one.use.allocations, one.module);
  };
  std::sort(result.begin(), result.end(),
            [&key](const ModuleUse& a, const ModuleUse& b) {
              return key(a) < key(b);
            });
  return result;
}

BlockCounts find_block_counts(const model::Profile& profile,
                              symbolize::Symbolizer& symbols,
                              const SiteTable& sites,
                              const ReplayAgain& replay) {
  Numbers numbers;
  numbers.of("");  // all
  std::vector<std::uint64_t> allocations(1);
  model::StackGroups groups;
  for (std::size_t id = 0; id < sites.frame_of_stack.size(); ++id) {
    const SiteFrame& site = sites.frame_of_stack[id];
    if (site.location == nullptr) {
      groups.append({});
      continue;
    }
    std::vector<std::uint32_t> mine = {0};
    for (const std::string& name : wrappers_of(
             profile.stacks, symbols, static_cast<model::StackId>(id), site)) {
      mine.push_back(numbers.of(name));
    }
    allocations.resize(numbers.names().size());
    for (const std::uint32_t one : mine)
      allocations[one] += profile.uses[id].allocations;
    groups.append(mine);
  }
  const auto over_time = count(groups, numbers.names().size(), replay);
  std::vector<WrapperUse> uses;
  for (std::size_t i = 0; i < over_time.size(); ++i) {
    uses.push_back({numbers.names()[i], allocations[i], over_time[i]});
  }
  BlockCounts result;
  result.all = std::move(uses.front());
  uses.erase(uses.begin());
  std::erase_if(uses,
                [](const WrapperUse& use) { return use.allocations == 0; });
  const auto key = [](const WrapperUse& use) {
    return std::tuple(~use.over_time.most_blocks, ~use.allocations,
                      use.function);
  };
  std::sort(uses.begin(), uses.end(),
            [&key](const WrapperUse& a, const WrapperUse& b) {
              return key(a) < key(b);
            });
  result.wrappers = std::move(uses);
  return result;
}

}  // namespace sagemem::analysis
