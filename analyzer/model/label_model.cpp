// SPDX-License-Identifier: Apache-2.0
#include "model/label_model.h"

#include <algorithm>
#include <tuple>

namespace sagemem::model {

LabelSetId LabelModel::change(LabelSetId labels, std::uint32_t rule,
                              std::int64_t value) {
  const std::size_t place = slot(rule);
  if (place == kMaxRules) return labels;
  Set changed = sets_[labels];
  changed[place] = use(rule, value) + 1;
  if (changed == sets_[labels]) return labels;
  const auto next = static_cast<LabelSetId>(sets_.size());
  const auto [found, is_new] = set_ids_.try_emplace(changed, next);
  if (is_new) sets_.push_back(changed);
  return found->second;
}

void LabelModel::birth(LabelSetId labels, StackId stack, std::uint64_t size,
                       std::uint64_t peak_number) {
  const Plan& plan = plan_of(labels, stack);
  if (plan.counters == 0) return;  // it has no parts to point to
  const std::uint32_t* part = plan_parts_.data() + plan.first;
  for (unsigned i = 0; i < plan.counters; ++i) {
    Counter& counter = counters_[*part++];
    counter.sync(peak_number);
    counter.allocated_bytes += size;
    ++counter.allocated_blocks;
    counter.live_bytes += size;
    ++counter.live_blocks;
  }
  for (unsigned i = 0; i < plan.levels; ++i) {
    Level& level = levels_[*part++];
    level.live_bytes += size;
    level.most_bytes = std::max(level.most_bytes, level.live_bytes);
  }
}

void LabelModel::death(LabelSetId labels, StackId stack, std::uint64_t size,
                       std::uint64_t peak_number) {
  const Plan& plan = plan_of(labels, stack);
  if (plan.counters == 0) return;  // it has no parts to point to
  const std::uint32_t* part = plan_parts_.data() + plan.first;
  for (unsigned i = 0; i < plan.counters; ++i) {
    Counter& counter = counters_[*part++];
    counter.sync(peak_number);
    counter.live_bytes -= size;
    --counter.live_blocks;
  }
  for (unsigned i = 0; i < plan.levels; ++i)
    levels_[*part++].live_bytes -= size;
}

// A function of one rule may call one of another that has the same name: what
// they have together counts a block once.
const LabelModel::Plan& LabelModel::make_plan(LabelSetId labels,
                                              StackId stack) {
  if (stack >= plans_.size()) plans_.resize(stack + std::size_t{1});
  Plan& plan = plans_[stack];
  plan = {labels, plan.first, 0, 0};
  std::array<std::uint32_t, kMaxRules> levels{};
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::uint32_t number = sets_[labels][i];
    if (number == kNone || !leads_through(stack, i)) continue;
    if (plan.first == kNoParts) {
      plan.first = static_cast<std::uint32_t>(plan_parts_.size());
      plan_parts_.resize(plan_parts_.size() + 2 * kMaxRules);
    }
    plan_parts_[plan.first + plan.counters++] = counter_of(number - 1, stack);
    auto* const end = levels.begin() + plan.levels;
    const std::uint32_t level = uses_[number - 1].level;
    if (std::find(levels.begin(), end, level) == end)
      levels[plan.levels++] = level;
  }
  if (plan.counters > 0) {
    std::copy_n(levels.begin(), plan.levels,
                plan_parts_.begin() + plan.first + plan.counters);
  }
  return plan;
}

std::uint32_t LabelModel::counter_of(std::uint32_t use, StackId stack) {
  const auto next = static_cast<std::uint32_t>(counters_.size());
  const auto [found, is_new] =
      counter_ids_.try_emplace(std::uint64_t{use} << 32 | stack, next);
  if (is_new) {
    Counter& counter = counters_.emplace_back();
    counter.use = use;
    counter.stack = stack;
  }
  return found->second;
}

std::size_t LabelModel::slot(std::uint32_t rule) {
  const auto found = std::find(slots_.begin(), slots_.end(), rule);
  const auto index = static_cast<std::size_t>(found - slots_.begin());
  if (found == slots_.end() && index < kMaxRules) slots_.push_back(rule);
  return index;
}

std::uint32_t LabelModel::use(std::uint32_t rule, std::int64_t value) {
  const auto next = static_cast<std::uint32_t>(uses_.size());
  const auto [found, is_new] = use_ids_.try_emplace({rule, value}, next);
  if (!is_new) return found->second;
  const std::uint32_t level = level_of(rule, value);
  uses_.push_back({rule, value, level});
  return next;
}

// A rule that has no name yet is one of its own.
std::uint32_t LabelModel::level_of(std::uint32_t rule, std::int64_t value) {
  const std::string& name = rules_.all()[rule].name;
  for (const std::uint32_t other : slots_) {
    if (other == rule || name.empty() || rules_.all()[other].name != name)
      continue;
    const auto same = use_ids_.find({other, value});
    if (same != use_ids_.end()) return uses_[same->second].level;
  }
  levels_.emplace_back();
  return static_cast<std::uint32_t>(levels_.size() - 1);
}

// Once found out it stays, whatever probes come later: a block must go from
// where it was counted.
bool LabelModel::leads_through(StackId stack, std::size_t slot) {
  const auto bit = static_cast<std::uint8_t>(1u << slot);
  if (seen_.size() <= stack) seen_.resize(stack + std::size_t{1});
  std::vector<StackId> unknown;
  StackId at = stack;
  while (at != kRootStack && (seen_[at].known & bit) == 0) {
    unknown.push_back(at);
    at = stacks_.outer(at);
  }
  bool leads = at != kRootStack && (seen_[at].leads & bit) != 0;
  for (; !unknown.empty(); unknown.pop_back()) {
    Seen& seen = seen_[unknown.back()];
    leads = leads || is_in_rule(unknown.back(), slots_[slot]);
    seen.known = static_cast<std::uint8_t>(seen.known | bit);
    if (leads) seen.leads = static_cast<std::uint8_t>(seen.leads | bit);
  }
  return leads;
}

bool LabelModel::is_in_rule(StackId stack, std::uint32_t rule) const {
  const Frame& frame = stacks_.frame(stack);
  const std::vector<Probe>& probes = rules_.all()[rule].probes;
  return std::any_of(probes.begin(), probes.end(),
                     [&](const Probe& probe) { return probe.holds(frame); });
}

void LabelModel::finish(std::uint64_t peak_number, ScopeProfile& profile) && {
  std::vector<std::uint32_t> position(uses_.size());
  // By rule, then value.
  for (const auto& [what, use] : use_ids_) {
    position[use] = static_cast<std::uint32_t>(profile.labels.size());
    LabelUse& label = profile.labels.emplace_back();
    label.rule = what.first;
    label.value = what.second;
    label.own_peak_bytes = levels_[uses_[use].level].most_bytes;
  }
  for (Counter& counter : counters_) {
    counter.sync(peak_number);
    LabelUse& label = profile.labels[position[counter.use]];
    label.allocated_bytes += counter.allocated_bytes;
    label.allocated_blocks += counter.allocated_blocks;
    label.live_bytes += counter.live_bytes;
    label.live_blocks += counter.live_blocks;
    label.peak_bytes += counter.peak_bytes;
    label.peak_blocks += counter.peak_blocks;
    profile.label_stacks.push_back(
        {position[counter.use], counter.stack, counter.allocated_bytes,
         counter.allocated_blocks, counter.live_bytes, counter.live_blocks,
         counter.peak_bytes, counter.peak_blocks});
  }
  std::sort(profile.label_stacks.begin(), profile.label_stacks.end(),
            [](const LabelStackUse& a, const LabelStackUse& b) {
              return std::tie(a.label, a.stack) < std::tie(b.label, b.stack);
            });
}

}  // namespace sagemem::model
