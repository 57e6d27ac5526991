// SPDX-License-Identifier: Apache-2.0
//
// Blocks by what the program calls them: each thread has a value for each rule
// of labels, and it counts for blocks that are born in a function of the rule.
//
//   label 4 2         in thread 7: what mymalloc allocates is category 2
//   malloc 64         through mymalloc: labelled; else not
//
// What a thread's labels are is one number, a set, which its blocks keep.  A
// stack has blocks of one set for the most part: which counters they change, a
// plan, is kept beside it, and made anew when the set is another.  Counters at
// the global peak: see heap_model.h.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "model/open_scopes.h"
#include "model/scope_rules.h"
#include "model/stack_tree.h"

namespace sagemem::model {

class LabelModel {
 public:
  static constexpr std::size_t kMaxRules = 8;

  LabelModel(const ScopeRules& rules, const StackTree& stacks)
      : rules_(rules), stacks_(stacks), sets_(1) {}

  // The set after the thread has given this value; the same for a rule that is
  // one too many.
  LabelSetId change(LabelSetId labels, std::uint32_t rule, std::int64_t value);

  void birth(LabelSetId labels, StackId stack, std::uint64_t size,
             std::uint64_t peak_number);
  void death(LabelSetId labels, StackId stack, std::uint64_t size,
             std::uint64_t peak_number);

  void finish(std::uint64_t peak_number, ScopeProfile& profile) &&;

 private:
  static constexpr std::uint32_t kNone = 0;  // else the index of the use + 1
  using Set = std::array<std::uint32_t, kMaxRules>;

  // Of one use and one stack.
  struct Counter {
    std::uint32_t use = 0;
    StackId stack = kRootStack;
    std::uint64_t allocated_bytes = 0;
    std::uint64_t allocated_blocks = 0;
    std::uint64_t live_bytes = 0;
    std::uint64_t live_blocks = 0;
    std::uint64_t peak_bytes = 0;
    std::uint64_t peak_blocks = 0;
    std::uint64_t synced = 0;  // the last peak seen

    void sync(std::uint64_t peak_number) {
      if (synced == peak_number) return;
      synced = peak_number;
      peak_bytes = live_bytes;
      peak_blocks = live_blocks;
    }
  };
  struct Use {
    std::uint32_t rule;
    std::int64_t value;
    // Its name and value have this level in all, which the first use with them
    // keeps.
    std::uint32_t level;
  };
  struct Level {
    std::uint64_t live_bytes = 0;
    std::uint64_t most_bytes = 0;
  };
  // What a block of the stack changes, if it has these labels.  In
  // plan_parts_: places in counters_, then places in levels_, each once.
  struct Plan {
    LabelSetId labels = kNoLabels;  // they change nothing
    std::uint32_t first = kNoParts;
    std::uint16_t counters = 0;
    std::uint16_t levels = 0;
  };
  static constexpr std::uint32_t kNoParts = 0xffffffff;
  struct Seen {
    std::uint8_t known = 0;  // a bit for each rule: has been found out
    std::uint8_t leads = 0;  // and the stack leads through its functions
  };

  std::size_t slot(std::uint32_t rule);
  std::uint32_t use(std::uint32_t rule, std::int64_t value);
  std::uint32_t level_of(std::uint32_t rule, std::int64_t value);
  const Plan& plan_of(LabelSetId labels, StackId stack) {
    if (stack < plans_.size() && plans_[stack].labels == labels)
      return plans_[stack];
    return make_plan(labels, stack);
  }
  const Plan& make_plan(LabelSetId labels, StackId stack);
  std::uint32_t counter_of(std::uint32_t use, StackId stack);
  bool leads_through(StackId stack, std::size_t slot);
  [[nodiscard]] bool is_in_rule(StackId stack, std::uint32_t rule) const;

  const ScopeRules& rules_;
  const StackTree& stacks_;
  std::vector<std::uint32_t> slots_;  // rule by slot
  std::vector<Set> sets_;             // the first is that without labels
  std::map<Set, LabelSetId> set_ids_;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> use_ids_;
  std::vector<Use> uses_;
  std::vector<Level> levels_;
  std::vector<Counter> counters_;
  // Use and stack to the place in counters_.
  tsl::robin_map<std::uint64_t, std::uint32_t> counter_ids_;
  std::vector<std::uint32_t> plan_parts_;
  std::vector<Plan> plans_;  // by StackId
  std::vector<Seen> seen_;   // by StackId
};

}  // namespace sagemem::model
