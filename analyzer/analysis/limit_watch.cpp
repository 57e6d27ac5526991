// SPDX-License-Identifier: Apache-2.0
#include "analysis/limit_watch.h"

#include "analysis/choose_rules.h"
#include "rules/built_in.h"

namespace sagemem::analysis {

LimitWatch::LimitWatch(symbolize::Symbolizer& symbols,
                       const rules::ProgramRules* rules)
    : symbols_(symbols), rules_(rules) {}

void LimitWatch::start(const model::StackTree& stacks,
                       const std::vector<model::Module>& modules) {
  stacks_ = &stacks;
  modules_ = &modules;
  patterns_.reset();
  before_.clear();
  has_missed_ = false;
}

void LimitWatch::group(model::StackId stack,
                       std::vector<std::uint32_t>& groups) {
  symbols_.extend(*modules_);
  if (rules_ == nullptr) choose(stack);
  if (rules_ == nullptr || rules_->limits.empty()) return;
  if (!patterns_) patterns_.emplace(*stacks_, symbols_, *rules_);
  patterns_->find(stack, groups);
}

void LimitWatch::choose(model::StackId stack) {
  const std::uint32_t module = stack == model::kRootStack
                                   ? model::kNoModule
                                   : stacks_->frame(stack).module;
  if (module >= modules_->size() || !(*modules_)[module].is_executable) {
    before_.push_back(stack);
    return;
  }
  static_cast<void>(symbols_.resolve(stacks_->frame(stack)));
  built_in_ = rules::load_rules(choose_profile(symbols_));
  rules_ = &built_in_;
  if (rules_->limits.empty()) return;
  patterns_.emplace(*stacks_, symbols_, *rules_);
  std::vector<std::uint32_t> found;
  for (const model::StackId one : before_) patterns_->find(one, found);
  has_missed_ = !found.empty();
}

bool LimitWatch::fill(const model::Profile& profile,
                      Breakdown& breakdown) const {
  if (stacks_ == nullptr || rules_ == nullptr || has_missed_ ||
      rules_->name != breakdown.profile ||
      rules_->limits.size() != breakdown.limits.size()) {
    return false;
  }
  for (std::size_t i = 0; i < breakdown.limits.size(); ++i) {
    // Of the last ones there may have been no block.
    breakdown.limits[i].count(i < profile.groups.size() ? profile.groups[i]
                                                        : model::GroupUse{});
  }
  return true;
}

}  // namespace sagemem::analysis
