// SPDX-License-Identifier: Apache-2.0
#include "analysis/categories.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "analysis/call_order.h"
#include "analysis/category_rules.h"
#include "analysis/stack_patterns.h"

namespace sagemem::analysis {
namespace {

using symbolize::Location;

// What a category is called that has the name of the module.
std::string module_name(const Location& site) {
  const std::string name = symbolize::base_name(site.module);
  const std::size_t end = name.find(".so");
  return end == 0 || end == std::string::npos ? name : name.substr(0, end);
}

class CategoryFinder {
 public:
  CategoryFinder(const model::Profile& profile, symbolize::Symbolizer& symbols,
                 symbolize::SourceText& sources, const SiteTable& sites,
                 const rules::ProgramRules& rules)
      : profile_(profile),
        sites_(sites),
        rules_(rules.categories),
        site_rules_(rules.categories, sources),
        patterns_(profile.stacks, symbols) {
    for (const rules::CategoryRule& rule : rules_) {
      RuleState& state = states_.emplace_back();
      if (rule.name != rules::kEachModule) state.category = named(rule.name);
      for (const std::string& function : rule.within) {
        state.within.push_back(patterns_.add_within(function));
      }
      for (const auto& stack : rule.stacks) {
        state.stacks.push_back(patterns_.add(stack));
      }
      asks_for_call_ |= rule.call != 0;
      asks_for_stack_ |= !rule.within.empty() || !rule.stacks.empty();
    }
  }

  CategoryTable find() {
    if (asks_for_call_) calls_.emplace(profile_, sites_);
    const std::size_t count = sites_.frame_of_stack.size();
    table_.category_of_stack.assign(count, kNoCategory);
    for (std::size_t id = 0; id < count; ++id) {
      if (sites_.frame_of_stack[id].location == nullptr) continue;
      table_.category_of_stack[id] = look_up(static_cast<model::StackId>(id));
    }
    finish();
    return std::move(table_);
  }

 private:
  struct RuleState {
    std::uint32_t category = kNoCategory;
    std::vector<std::uint32_t> within;  // patterns
    std::vector<std::uint32_t> stacks;
  };
  // All that an answer depends on.
  using Question = std::tuple<const Location*, StackPatterns::State,
                              StackPatterns::State, std::uint32_t>;
  struct Answer {
    std::uint32_t category = kNoCategory;
    bool is_by_order = false;
  };

  std::uint32_t named(const std::string& name) {
    if (name == rules::kUnknownCategory) return kNoCategory;
    const auto next = static_cast<std::uint32_t>(table_.categories.size());
    const auto [known, is_new] = numbers_.try_emplace(name, next);
    if (is_new) table_.categories.push_back({name, {}});
    return known->second;
  }

  std::uint32_t look_up(model::StackId stack) {
    const SiteFrame& site = sites_.frame_of_stack[stack];
    const StackPatterns::State whole =
        asks_for_stack_ ? patterns_.state_of(stack) : StackPatterns::kStart;
    const StackPatterns::State at_site =
        asks_for_stack_ ? patterns_.state_at(site.stack, site.location)
                        : StackPatterns::kStart;
    const std::uint32_t call = calls_ ? calls_->number(site) : 0;
    const auto [known, is_new] =
        answers_.try_emplace({site.location, whole, at_site, call});
    if (is_new) known->second = answer(*site.location, whole, at_site, call);
    if (known->second.is_by_order) {
      table_.told_by_order += profile_.uses[stack].allocations;
    }
    return known->second.category;
  }

  Answer answer(const Location& site, StackPatterns::State whole,
                StackPatterns::State at_site, std::uint32_t call) {
    // A rule that asks for the order decides, also by not matching.
    bool is_by_order = false;
    for (const std::uint32_t index : site_rules_.candidates(&site)) {
      const rules::CategoryRule& rule = rules_[index];
      const RuleState& state = states_[index];
      if (!matches_any(state.within, whole) ||
          !matches_any(state.stacks, at_site)) {
        continue;
      }
      is_by_order |= rule.call != 0 && site.line == 0;
      if (rule.call != 0 && rule.call != call) continue;
      if (rule.name != rules::kEachModule) return {state.category, is_by_order};
      if (!site.module.empty()) {
        return {named(module_name(site)), is_by_order};
      }
    }
    return {};
  }

  bool matches_any(const std::vector<std::uint32_t>& patterns,
                   StackPatterns::State state) const {
    return patterns.empty() ||
           std::any_of(patterns.begin(), patterns.end(),
                       [&](std::uint32_t pattern) {
                         return patterns_.matches(state, pattern);
                       });
  }

  // What has no number yet is Unknown, which comes last.
  void finish() {
    table_.categories.push_back({rules::kUnknownCategory, {}});
    for (std::size_t id = 0; id < table_.category_of_stack.size(); ++id) {
      if (sites_.frame_of_stack[id].location == nullptr) continue;
      std::uint32_t& category = table_.category_of_stack[id];
      if (category == kNoCategory) category = table_.unknown();
      add_use(table_.categories[category].use, profile_.uses[id]);
    }
  }

  const model::Profile& profile_;
  const SiteTable& sites_;
  const std::vector<rules::CategoryRule>& rules_;
  CategoryRules site_rules_;
  StackPatterns patterns_;
  std::vector<RuleState> states_;  // by rule
  std::optional<CallOrder> calls_;
  bool asks_for_call_ = false;
  bool asks_for_stack_ = false;
  std::map<std::string, std::uint32_t> numbers_;
  std::map<Question, Answer> answers_;
  CategoryTable table_;
};

}  // namespace

CategoryTable find_categories(const model::Profile& profile,
                              symbolize::Symbolizer& symbols,
                              symbolize::SourceText& sources,
                              const SiteTable& sites,
                              const rules::ProgramRules& rules) {
  return CategoryFinder(profile, symbols, sources, sites, rules).find();
}

std::vector<std::uint32_t> rank_categories(const CategoryTable& table) {
  std::vector<std::uint32_t> ranked;
  for (std::uint32_t i = 0; i < table.unknown(); ++i) {
    if (table.categories[i].use.allocations != 0) ranked.push_back(i);
  }
  std::sort(ranked.begin(), ranked.end(),
            [&table](std::uint32_t a, std::uint32_t b) {
              const Category& left = table.categories[a];
              const Category& right = table.categories[b];
              if (left.use.peak_bytes != right.use.peak_bytes)
                return left.use.peak_bytes > right.use.peak_bytes;
              if (left.use.bytes_allocated != right.use.bytes_allocated)
                return left.use.bytes_allocated > right.use.bytes_allocated;
              return left.name < right.name;
            });
  ranked.push_back(table.unknown());
  return ranked;
}

}  // namespace sagemem::analysis
