// SPDX-License-Identifier: Apache-2.0
//
// Scopes that begin with new values.  The recorder saw that a variable had
// changed when it looked, at some allocation; where the scope began is another
// question:
//
//   TreeID     (0)            1                 2
//   stacks     f>table  main>load f>a f>b  main>load f>a f>b ...
//   recorded   |- 0 ----------|- 1 --------------|- 2 -----
//   made of it        |- 0 ---|- 1 --------------|- 2 -----
//
// A first replay counts the call stacks of the allocations that come with a new
// value.  The one that most come with, main>load, is what begins a scope; a
// second replay begins one at each of these, with the values that were seen
// last, and ends it when that block is released, if that is what is left of a
// scope as a rule.
//
// Hazard: what is learned from a few values is a guess, so there have to be
// more with that stack than with all others.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "decode/control_record.h"
#include "decode/event.h"
#include "model/stack_tree.h"

namespace sagemem::model {

// A rule whose scopes are to be made anew.
struct EachRule {
  std::uint64_t number = 0;  // as the trace has it
  StackId first = kRootStack;
  bool ends_with_block = false;
};

// How many scopes of a rule had a block of this call stack as their first, and
// in how many nothing was allocated after it had gone.
struct FirstStack {
  std::uint64_t rule = 0;
  StackId stack = kRootStack;
  std::uint64_t scopes = 0;
  std::uint64_t ended_with_block = 0;
};

// The rules that can be made anew.
[[nodiscard]] std::vector<EachRule> choose_each_rules(
    const std::vector<FirstStack>& learned);

class EachScopes {
 public:
  EachScopes(const std::vector<EachRule>& rules, std::size_t writers)
      : rules_(rules), writers_(writers) {}

  // Whether anything is to be told of blocks.
  [[nodiscard]] bool is_used() const { return is_used_; }

  void describe(const decode::ScopeRuleRecord& record);

  // A begin or an end of a scope.  True: it is to be left out.
  bool begin(const decode::Event& event);
  bool end(const decode::Event& event);

  // A block comes: calls change(rule number, whether it begins, values).
  template <typename Change>
  void allocate(std::uint32_t writer, StackId stack, std::uint64_t address,
                const Change& change) {
    for (State& state : writers_[writer]) {
      learn_birth(state, stack, address);
      const EachRule* const rule = find(state.rule);
      if (rule == nullptr || rule->first != stack || !state.has_values)
        continue;
      if (state.is_open) change(state.rule, false, kNoValues);
      state.is_open = true;
      state.block = address;
      change(state.rule, true, state.values);
    }
  }
  // A block has gone.
  template <typename End>
  void release(std::uint32_t writer, std::uint64_t address, const End& end) {
    for (State& state : writers_[writer]) {
      if (address == state.first_block) state.is_first_gone = true;
      const EachRule* const rule = find(state.rule);
      if (rule == nullptr || !rule->ends_with_block || !state.is_open ||
          address != state.block) {
        continue;
      }
      state.is_open = false;
      end(state.rule);
    }
  }
  // It may go to another address.
  void reallocate(std::uint32_t writer, std::uint64_t address) {
    for (State& state : writers_[writer]) {
      if (address == state.block) state.block = 0;
      if (address == state.first_block) state.first_block = 0;
    }
  }
  void change_thread(std::uint32_t writer) { writers_[writer].clear(); }

  // What was learned, by rule and stack.
  [[nodiscard]] std::vector<FirstStack> finish() &&;

 private:
  static inline const std::vector<std::int64_t> kNoValues;

  struct State {
    std::uint64_t rule = 0;
    // Learned: of the scope that was begun last.
    bool is_waiting = false;  // for its first block
    bool is_first_gone = false;
    bool is_busy_after = false;  // something was allocated after that had gone
    StackId first_stack = kRootStack;
    std::uint64_t first_block = 0;
    // Made: the scope that is open.
    bool is_open = false;
    bool has_values = false;
    std::uint64_t block = 0;
    std::vector<std::int64_t> values;
  };

  // nullptr: the rule is not of this kind.
  State* state_of(const decode::Event& event);
  [[nodiscard]] const EachRule* find(std::uint64_t number) const;
  void learn_scope(State& state);
  static void learn_birth(State& state, StackId stack, std::uint64_t address) {
    if (state.is_waiting) {
      state.is_waiting = false;
      state.is_first_gone = false;
      state.is_busy_after = false;
      state.first_stack = stack;
      state.first_block = address;
    } else if (state.is_first_gone) {
      state.is_busy_after = true;
    }
  }

  const std::vector<EachRule>& rules_;
  bool is_used_ = false;
  std::vector<std::uint64_t> described_;  // rules of this kind
  std::vector<std::vector<State>> writers_;
  std::map<std::pair<std::uint64_t, StackId>, FirstStack> learned_;
};

}  // namespace sagemem::model
