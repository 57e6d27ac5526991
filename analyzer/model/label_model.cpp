// SPDX-License-Identifier: Apache-2.0
#include "model/label_model.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sagemem::model {
namespace {

// Behind each use in uses_ comes one that stands for all rules of its name
// together: its `rule` is the place of the one that counts for them, which is
// that of the first.
//
//   [0] kind 5 of rule 1   [1] -> 1, counts   [2] kind 5 of rule 2   [3] -> 1
//
// A function of one rule may call one of another that has the same name: what
// they have together counts a block once.
template <typename Use>
class Together {
 public:
  explicit Together(std::vector<Use>& uses) : uses_(uses) {}

  // The counter, if the block has not come to it yet.
  auto next(std::uint32_t use) -> decltype(&std::declval<Use&>().counter) {
    const std::uint32_t place = uses_[use + std::size_t{1}].rule;
    const auto end = seen_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (std::find(seen_.begin(), end, place) != end) return nullptr;
    seen_[count_++] = place;
    return &uses_[place].counter;
  }

 private:
  std::vector<Use>& uses_;
  std::array<std::uint32_t, LabelModel::kMaxRules> seen_{};
  std::size_t count_ = 0;
};

}  // namespace

void LabelModel::Counter::sync(std::uint64_t peak_number) {
  if (synced == peak_number) return;
  synced = peak_number;
  peak_bytes = live_bytes;
  peak_blocks = live_blocks;
}

void LabelModel::Counter::add(std::uint64_t size, std::uint64_t peak_number) {
  sync(peak_number);
  allocated_bytes += size;
  ++allocated_blocks;
  live_bytes += size;
  ++live_blocks;
  own_peak_bytes = std::max(own_peak_bytes, live_bytes);
}

void LabelModel::Counter::subtract(std::uint64_t size,
                                   std::uint64_t peak_number) {
  sync(peak_number);
  live_bytes -= size;
  --live_blocks;
}

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
  Together together(uses_);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::uint32_t number = sets_[labels][i];
    if (number == kNone || !leads_through(stack, i)) continue;
    uses_[number - 1].counter.add(size, peak_number);
    by_stack(number - 1, stack).add(size, peak_number);
    auto* const all = together.next(number - 1);
    if (all != nullptr) all->add(size, peak_number);
  }
}

void LabelModel::death(LabelSetId labels, StackId stack, std::uint64_t size,
                       std::uint64_t peak_number) {
  Together together(uses_);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::uint32_t number = sets_[labels][i];
    if (number == kNone || !leads_through(stack, i)) continue;
    uses_[number - 1].counter.subtract(size, peak_number);
    by_stack(number - 1, stack).subtract(size, peak_number);
    auto* const all = together.next(number - 1);
    if (all != nullptr) all->subtract(size, peak_number);
  }
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
  // A rule that has no name yet is one of its own.
  std::uint32_t together = next + 1;
  const std::string& name = rules_.all()[rule].name;
  for (std::size_t i = 0; i < uses_.size() && !name.empty(); i += 2) {
    if (uses_[i].value != value || rules_.all()[uses_[i].rule].name != name) {
      continue;
    }
    together = uses_[i + 1].rule;
    break;
  }
  uses_.push_back({rule, value, {}});
  uses_.push_back({together, value, {}});
  return next;
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
    Counter& counter = uses_[use].counter;
    counter.sync(peak_number);
    const std::uint64_t together =
        uses_[uses_[use + std::size_t{1}].rule].counter.own_peak_bytes;
    position[use] = static_cast<std::uint32_t>(profile.labels.size());
    profile.labels.push_back({what.first, what.second, counter.allocated_bytes,
                              counter.allocated_blocks, counter.live_bytes,
                              counter.live_blocks, together, counter.peak_bytes,
                              counter.peak_blocks});
  }
  for (auto& [key, value] : by_stack_) {
    Counter counter = value;
    counter.sync(peak_number);
    profile.label_stacks.push_back(
        {position[static_cast<std::size_t>(key >> 32)],
         static_cast<StackId>(key), counter.allocated_bytes,
         counter.allocated_blocks, counter.live_bytes, counter.live_blocks,
         counter.peak_bytes, counter.peak_blocks});
  }
  std::sort(profile.label_stacks.begin(), profile.label_stacks.end(),
            [](const LabelStackUse& a, const LabelStackUse& b) {
              return std::tie(a.label, a.stack) < std::tie(b.label, b.stack);
            });
}

}  // namespace sagemem::model
