// SPDX-License-Identifier: Apache-2.0
#include "model/each_scopes.h"

#include <algorithm>

#include "model/replay_each.h"
#include "sagemem/trace/scope_facts.h"

namespace sagemem::model {

void EachScopes::describe(const decode::ScopeRuleRecord& record) {
  if ((record.flags & trace::kRuleIsEach) == 0) return;
  described_.push_back(record.number);
}

EachScopes::State* EachScopes::state_of(const decode::Event& event) {
  if (std::find(described_.begin(), described_.end(), event.rule) ==
      described_.end()) {
    return nullptr;
  }
  is_used_ = true;
  std::vector<State>& states = writers_[event.writer_index];
  for (State& state : states) {
    if (state.rule == event.rule) return &state;
  }
  states.emplace_back().rule = event.rule;
  return &states.back();
}

const EachRule* EachScopes::find(std::uint64_t number) const {
  for (const EachRule& rule : rules_) {
    if (rule.number == number) return &rule;
  }
  return nullptr;
}

bool EachScopes::begin(const decode::Event& event) {
  State* const state = state_of(event);
  if (state == nullptr) return false;
  learn_scope(*state);
  state->is_waiting = true;
  state->has_values = true;
  state->values.assign(event.values.begin(), event.values.end());
  return find(event.rule) != nullptr;
}

// The values are there no more: no block begins a scope until they are again.
bool EachScopes::end(const decode::Event& event) {
  State* const state = state_of(event);
  if (state == nullptr) return false;
  learn_scope(*state);
  return find(event.rule) != nullptr;
}

// The scope that was begun last is over.
void EachScopes::learn_scope(State& state) {
  state.is_waiting = false;
  if (state.first_stack == kRootStack) return;
  FirstStack& seen = learned_[{state.rule, state.first_stack}];
  seen.rule = state.rule;
  seen.stack = state.first_stack;
  ++seen.scopes;
  if (state.is_first_gone && !state.is_busy_after) ++seen.ended_with_block;
  state.first_stack = kRootStack;
  state.first_block = 0;
}

std::vector<FirstStack> EachScopes::finish() && {
  for (std::vector<State>& states : writers_) {
    for (State& state : states) learn_scope(state);
  }
  std::vector<FirstStack> result;
  result.reserve(learned_.size());
  for (const auto& [key, seen] : learned_) result.push_back(seen);
  return result;
}

std::vector<EachRule> choose_each_rules(
    const std::vector<FirstStack>& learned) {
  struct Tally {
    const FirstStack* most = nullptr;
    std::uint64_t all = 0;
  };
  std::map<std::uint64_t, Tally> rules;
  for (const FirstStack& one : learned) {
    Tally& tally = rules[one.rule];
    tally.all += one.scopes;
    if (tally.most == nullptr || one.scopes > tally.most->scopes) {
      tally.most = &one;
    }
  }
  std::vector<EachRule> result;
  for (const auto& [number, tally] : rules) {
    const FirstStack& most = *tally.most;
    if (most.scopes * 2 <= tally.all) continue;
    // But for the last of a file, after which other things may come.
    const bool ends = most.ended_with_block * 4 >= most.scopes * 3;
    result.push_back({number, most.stack, ends});
  }
  return result;
}

// Nobody asks for such scopes.
Profile replay(const decode::TraceFile& file, const ReplayOptions& options,
               const Progress& progress) {
  EachScopesOf none;
  return replay(file, options, none, progress);
}

}  // namespace sagemem::model
