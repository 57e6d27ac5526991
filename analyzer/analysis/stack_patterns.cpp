// SPDX-License-Identifier: Apache-2.0
#include "analysis/stack_patterns.h"

#include <utility>

#include "rules/glob.h"
#include "symbolize/names.h"

namespace sagemem::analysis {
namespace {

constexpr StackPatterns::State kNotKnown = 0xffffffff;

}  // namespace

std::uint32_t StackPatterns::add(const std::vector<std::string>& frames) {
  const auto pattern = static_cast<std::uint32_t>(starts_.size());
  starts_.push_back(static_cast<std::uint32_t>(positions_.size()));
  for (const std::string& frame : frames) {
    positions_.push_back({frame, frame == "*", false});
  }
  accepting_.push_back(static_cast<std::uint32_t>(positions_.size()));
  positions_.push_back({"", false, true});
  return pattern;
}

// Patterns are open at the outer end: each may begin at any frame.
void StackPatterns::prepare() {
  Bits none(positions_.size() / 64 + 1);
  for (const std::uint32_t start : starts_) mark(none, start);
  intern(std::move(none));
  state_of_stack_.assign(1, kStart);  // that of the root
}

// A star may stand for nothing: what is behind it may come next as well.
void StackPatterns::mark(Bits& bits, std::size_t position) const {
  while (true) {
    bits[position / 64] |= std::uint64_t{1} << position % 64;
    if (!positions_[position].is_any) return;
    ++position;
  }
}

StackPatterns::State StackPatterns::intern(Bits bits) {
  const auto next = static_cast<State>(states_.size());
  const auto [known, is_new] = state_numbers_.try_emplace(bits, next);
  if (is_new) states_.push_back(std::move(bits));
  return known->second;
}

StackPatterns::State StackPatterns::state_of(model::StackId stack) {
  if (state_of_stack_.empty()) prepare();
  // The tree may be growing, and its size not to be asked for.
  if (stack >= state_of_stack_.size()) {
    state_of_stack_.resize(stack + std::size_t{1}, kNotKnown);
  }
  // Stacks may be deeper than ours could take recursion.
  std::vector<model::StackId> path;
  for (; state_of_stack_[stack] == kNotKnown; stack = tree_.outer(stack)) {
    path.push_back(stack);
  }
  State state = state_of_stack_[stack];
  for (; !path.empty(); path.pop_back()) {
    const symbolize::Locations places =
        symbols_.resolve(tree_.frame(path.back()));
    for (std::size_t i = places.size(); i-- > 0;)
      state = step(state, places[i]);
    state_of_stack_[path.back()] = state;
  }
  return state;
}

StackPatterns::State StackPatterns::state_at(model::StackId stack,
                                             const symbolize::Location* last) {
  if (stack == model::kRootStack) return state_of(stack);
  State state = state_of(tree_.outer(stack));
  const symbolize::Locations places = symbols_.resolve(tree_.frame(stack));
  for (std::size_t i = places.size(); i-- > 0;) {
    state = step(state, places[i]);
    if (places[i] == last) break;
  }
  return state;
}

StackPatterns::State StackPatterns::step(State state,
                                         const symbolize::Location* location) {
  if (positions_.empty()) return state;
  const std::uint32_t kind = class_of(location);
  const std::uint64_t key = std::uint64_t{state} << 32 | kind;
  const auto known = steps_.find(key);
  if (known != steps_.end()) return known->second;
  Bits next(states_[kStart].size());
  for (const std::uint32_t start : starts_) mark(next, start);
  for (std::size_t at = 0; at < positions_.size(); ++at) {
    if (!has(states_[state], at)) continue;
    if (positions_[at].is_any) mark(next, at);
    if (has(classes_[kind], at)) mark(next, at + 1);
  }
  const State result = intern(std::move(next));
  steps_.emplace(key, result);
  return result;
}

std::uint32_t StackPatterns::class_of(const symbolize::Location* location) {
  const auto known = class_of_.find(location);
  if (known != class_of_.end()) return known->second;
  Bits bits(states_[kStart].size());
  const std::string name = symbolize::plain_name(location->function);
  for (std::size_t at = 0; at < positions_.size(); ++at) {
    const Position& position = positions_[at];
    if (position.is_any || position.is_end || name.empty()) continue;
    if (rules::glob_matches(position.function, name)) {
      bits[at / 64] |= std::uint64_t{1} << at % 64;
    }
  }
  const auto next = static_cast<std::uint32_t>(classes_.size());
  const auto [number, is_new] = class_numbers_.try_emplace(bits, next);
  if (is_new) classes_.push_back(std::move(bits));
  class_of_.emplace(location, number->second);
  return number->second;
}

}  // namespace sagemem::analysis
