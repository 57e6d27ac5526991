// SPDX-License-Identifier: Apache-2.0
#include "analysis/block_query.h"

#include <algorithm>

namespace sagemem::analysis {
namespace {

// Conditions on the site and its stack are those that a category has, so they
// are one: the first, and the only one, of a profile of its own.
std::vector<bool> match_sites(const BlockQuery& query,
                              const model::Profile& profile,
                              symbolize::Symbolizer& symbols,
                              symbolize::SourceText& sources,
                              const SiteTable& sites) {
  rules::CategoryRule rule;
  rule.name = "chosen";
  rule.functions = query.functions;
  rule.files = query.files;
  rule.modules = query.modules;
  rule.within = query.within;
  rules::ProgramRules rules;
  rules.categories.push_back(std::move(rule));
  const CategoryTable table =
      find_categories(profile, symbols, sources, sites, rules);
  std::vector<bool> result;
  for (const std::uint32_t category : table.category_of_stack)
    result.push_back(category == 0);
  return result;
}

std::vector<bool> match_categories(const std::vector<std::string>& names,
                                   const CategoryTable& table,
                                   std::vector<std::string>& missing) {
  std::vector<bool> is_asked(table.categories.size());
  for (const std::string& name : names) {
    const auto found =
        std::find_if(table.categories.begin(), table.categories.end(),
                     [&name](const Category& one) { return one.name == name; });
    if (found == table.categories.end()) {
      missing.push_back("category " + name);
    } else {
      is_asked[static_cast<std::size_t>(found - table.categories.begin())] =
          true;
    }
  }
  std::vector<bool> result;
  for (const std::uint32_t category : table.category_of_stack)
    result.push_back(category != kNoCategory && is_asked[category]);
  return result;
}

std::vector<bool> match_threads(const std::vector<std::string>& names,
                                const model::Profile& profile,
                                std::vector<std::string>& missing) {
  std::vector<bool> result(profile.threads.size());
  for (const std::string& name : names) {
    bool is_there = false;
    for (std::size_t i = 0; i < result.size(); ++i) {
      const model::Thread& thread = profile.threads[i];
      if (name != thread.name && name != std::to_string(thread.tid)) continue;
      result[i] = is_there = true;
    }
    if (!is_there) missing.push_back("thread " + name);
  }
  return result;
}

std::vector<bool> match_scopes(const std::vector<ScopeName>& names,
                               const model::ScopeProfile& profile,
                               std::vector<std::string>& missing) {
  std::vector<bool> result(profile.scopes.size());
  for (const ScopeName& name : names) {
    bool is_there = false;
    for (std::size_t i = 0; i < result.size(); ++i) {
      const model::Scope& scope = profile.scopes[i];
      if (scope.number != name.number ||
          profile.rules[scope.rule].name != name.rule) {
        continue;
      }
      result[i] = is_there = true;
    }
    if (!is_there) {
      missing.push_back("scope " + name.rule + "=" +
                        std::to_string(name.number));
    }
  }
  return result;
}

bool asks_for_sites(const BlockQuery& query) {
  return !query.functions.empty() || !query.files.empty() ||
         !query.modules.empty() || !query.within.empty();
}

}  // namespace

bool BlockQuery::is_empty() const {
  return categories.empty() && scopes.empty() && threads.empty() &&
         sizes.empty() && times_ns.empty() && !asks_for_sites(*this);
}

ChosenBlocks choose_blocks(const BlockQuery& query,
                           const model::Profile& profile,
                           symbolize::Symbolizer& symbols,
                           symbolize::SourceText& sources,
                           const SiteTable& sites,
                           const rules::ProgramRules& rules) {
  ChosenBlocks chosen;
  std::optional<std::vector<bool>>& stacks = chosen.filter.stacks;
  if (asks_for_sites(query))
    stacks = match_sites(query, profile, symbols, sources, sites);
  if (!query.categories.empty()) {
    const std::vector<bool> of_category = match_categories(
        query.categories,
        find_categories(profile, symbols, sources, sites, rules),
        chosen.missing);
    if (!stacks) stacks.emplace(of_category.size(), true);
    for (std::size_t i = 0; i < stacks->size(); ++i)
      (*stacks)[i] = (*stacks)[i] && of_category[i];
  }
  if (!query.threads.empty())
    chosen.filter.threads =
        match_threads(query.threads, profile, chosen.missing);
  if (!query.scopes.empty())
    chosen.filter.scopes =
        match_scopes(query.scopes, profile.scopes, chosen.missing);
  chosen.filter.sizes = query.sizes;
  chosen.filter.times_ns = query.times_ns;
  return chosen;
}

}  // namespace sagemem::analysis
