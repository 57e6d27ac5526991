// SPDX-License-Identifier: Apache-2.0
//
// What groups of call stacks held over time: each group's own highest point,
// exactly, as it happens.  Which stacks belong together is known only when they
// have names.  As a rule that is after a replay: then a second one fills this,
// which meets the same stacks under the same ids.  A StackGrouper knows it when
// a stack comes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/tick_clock.h"
#include "model/scopes.h"
#include "model/stack_grouper.h"
#include "model/stack_tree.h"

namespace sagemem::model {

// The groups that the blocks of each stack count to: any number of them.
class StackGroups {
 public:
  // The groups of the stack after the one given before: ids from 0 on.
  void append(std::span<const std::uint32_t> groups) {
    groups_.insert(groups_.end(), groups.begin(), groups.end());
    ends_.push_back(groups_.size());
  }

  // A stack beyond those appended has none: the trace grew in between.
  [[nodiscard]] std::span<const std::uint32_t> of(StackId stack) const {
    if (stack >= ends_.size()) return {};
    const std::size_t start = stack == 0 ? 0 : ends_[stack - 1];
    return std::span(groups_).subspan(start, ends_[stack] - start);
  }

 private:
  std::vector<std::uint32_t> groups_;
  std::vector<std::size_t> ends_;  // by StackId
};

struct GroupUse {
  std::uint64_t live_bytes = 0;  // now; in a profile: at the end
  std::uint64_t live_blocks = 0;
  // The highest ever, and when that was reached first.
  std::uint64_t most_bytes = 0;
  std::uint64_t most_blocks = 0;
  std::int64_t most_bytes_ns = 0;
  std::int64_t most_blocks_ns = 0;
  // The scope of the block that did it, the one begun last.  Not to be found by
  // the time: several events have the same.
  ScopeId most_bytes_scope = kNoScope;
  ScopeId most_blocks_scope = kNoScope;
};

class GroupCounters {
 public:
  GroupCounters(const StackGroups& groups, std::size_t count)
      : known_(&groups), counters_(count) {}
  explicit GroupCounters(StackGrouper& grouper) : grouper_(&grouper) {}

  // Before the first event; what the replay fills.
  void start(const StackTree& stacks, const std::vector<Module>& modules) {
    if (grouper_ != nullptr) grouper_->start(stacks, modules);
  }

  // `scope` returns the innermost scope of the block.
  template <typename Scope>
  void add(StackId stack, std::uint64_t size, std::uint64_t ticks,
           const Scope& scope) {
    for (const std::uint32_t group : groups_of(stack)) {
      Counter& counter = counters_[group];
      GroupUse& use = counter.use;
      use.live_bytes += size;
      ++use.live_blocks;
      if (use.live_bytes > use.most_bytes) {
        use.most_bytes = use.live_bytes;
        counter.bytes_ticks = ticks;
        use.most_bytes_scope = scope();
      }
      if (use.live_blocks > use.most_blocks) {
        use.most_blocks = use.live_blocks;
        counter.blocks_ticks = ticks;
        use.most_blocks_scope = scope();
      }
    }
  }

  void subtract(StackId stack, std::uint64_t size) {
    for (const std::uint32_t group : groups_of(stack)) {
      GroupUse& use = counters_[group].use;
      use.live_bytes -= size;
      --use.live_blocks;
    }
  }

  // By group.
  [[nodiscard]] std::vector<GroupUse> uses(
      const decode::TickClock& clock) const {
    std::vector<GroupUse> result;
    for (const Counter& counter : counters_) {
      GroupUse use = counter.use;
      if (use.most_bytes > 0)
        use.most_bytes_ns = clock.to_ns(counter.bytes_ticks);
      if (use.most_blocks > 0) {
        use.most_blocks_ns = clock.to_ns(counter.blocks_ticks);
      }
      result.push_back(use);
    }
    return result;
  }

 private:
  struct Counter {
    GroupUse use;
    std::uint64_t bytes_ticks = 0;
    std::uint64_t blocks_ticks = 0;
  };

  // What the grouper has said of a stack.
  struct Place {
    std::uint32_t start = 0;  // in asked_
    std::uint32_t count = kUnasked;
  };
  static constexpr std::uint32_t kUnasked = 0xffffffff;

  std::span<const std::uint32_t> groups_of(StackId stack) {
    if (grouper_ == nullptr) return known_->of(stack);
    if (stack >= places_.size() || places_[stack].count == kUnasked) ask(stack);
    const Place place = places_[stack];
    return std::span(asked_).subspan(place.start, place.count);
  }
  void ask(StackId stack) {
    if (stack >= places_.size()) places_.resize(stack + std::size_t{1});
    const auto start = static_cast<std::uint32_t>(asked_.size());
    grouper_->group(stack, asked_);
    places_[stack] = {start, static_cast<std::uint32_t>(asked_.size()) - start};
    for (const std::uint32_t group : std::span(asked_).subspan(start)) {
      if (group >= counters_.size()) counters_.resize(group + std::size_t{1});
    }
  }

  const StackGroups* known_ = nullptr;  // or else
  StackGrouper* grouper_ = nullptr;
  std::vector<Place> places_;  // by StackId
  std::vector<std::uint32_t> asked_;
  std::vector<Counter> counters_;  // by group
};

}  // namespace sagemem::model
