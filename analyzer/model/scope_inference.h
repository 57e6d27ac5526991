// SPDX-License-Identifier: Apache-2.0
//
// Scopes of functions whose calls nobody saw, from the call stacks: one lasts
// as long as the stacks of a thread's allocations lead through the function.
// Two calls in a row look like one, so that it also begins anew when its first
// stack, the anchor, comes again:
//
//   stacks    main  f>load  f>build  f>load  f>build  main
//   scopes          |---- 0 --------|---- 1 --------|
//
// What happens between the last allocation of a call and the next one of its
// thread still counts to it.  A function that never allocates has no scopes.
#pragma once

#include <cstdint>
#include <vector>

#include "model/stack_tree.h"

namespace sagemem::model {

struct InferredRule {
  std::uint64_t number = 0;  // as the trace has it
  std::vector<bool> leads;   // by StackId: it leads through the function
  // The rule's end is another function's: a scope lasts until the next begins.
  bool has_own_end = false;
};

class ScopeInference {
 public:
  struct Change {
    std::uint64_t rule = 0;  // its number
    bool ends = false;
    bool begins = false;  // after the end
  };

  ScopeInference(const std::vector<InferredRule>& rules, std::size_t writers)
      : rules_(rules), writers_(rules.empty() ? 0 : writers) {
    for (auto& states : writers_) states.resize(rules.size());
  }

  [[nodiscard]] bool is_used() const { return !rules_.empty(); }

  // What an allocation with that stack says before it counts; of several rules
  // in their order.
  const std::vector<Change>& allocate(std::uint32_t writer, StackId stack) {
    changes_.clear();
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      look(rules_[i], writers_[writer][i], stack);
    }
    return changes_;
  }
  // The writer's records are another thread's from now on.
  void change_thread(std::uint32_t writer) {
    if (is_used()) writers_[writer].assign(rules_.size(), {});
  }

 private:
  struct State {
    bool is_open = false;
    StackId anchor = kRootStack;
  };

  void look(const InferredRule& rule, State& state, StackId stack) {
    const bool leads = stack < rule.leads.size() && rule.leads[stack];
    Change change{rule.number, false, false};
    if (leads) {
      change.ends = state.is_open && stack == state.anchor;
      change.begins = change.ends || !state.is_open;
      if (change.begins) state = {true, stack};
    } else if (state.is_open && !rule.has_own_end) {
      change.ends = true;
      state = {};
    }
    if (change.ends || change.begins) changes_.push_back(change);
  }

  const std::vector<InferredRule>& rules_;
  std::vector<std::vector<State>> writers_;  // by writer and rule
  std::vector<Change> changes_;
};

}  // namespace sagemem::model
