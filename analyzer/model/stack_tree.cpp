// SPDX-License-Identifier: Apache-2.0
#include "model/stack_tree.h"

#include <stdexcept>

namespace sagemem::model {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;

}  // namespace

StackTree::StackTree() {
  nodes_.push_back({kRootStack, {}});
}

StackId StackTree::push(StackId outer, const Frame& frame) {
  const auto next = static_cast<StackId>(nodes_.size());
  const auto [slot, is_new] = ids_.try_emplace(Key{outer, frame}, next);
  if (is_new) {
    // A node is a byte of the trace at least, and 40 bytes here: memory ends
    // before the ids do, but an id that wrapped around would be silent.
    if (next == ~StackId{0}) throw std::length_error("too many call stacks");
    nodes_.push_back({outer, frame});
  }
  return slot->second;
}

std::vector<Frame> StackTree::frames(StackId stack) const {
  std::vector<Frame> result;
  for (; stack != kRootStack; stack = outer(stack)) {
    result.push_back(frame(stack));
  }
  return result;
}

std::size_t StackTree::KeyHash::operator()(const Key& key) const noexcept {
  // robin_map takes the low bits, where multiplication mixes least: fold the
  // high half down after each step.
  std::uint64_t hash = (key.frame.offset ^ key.outer) * kGolden;
  hash ^= hash >> 32;
  hash = (hash + key.frame.module + (std::uint64_t{key.outer} << 32)) * kGolden;
  return static_cast<std::size_t>(hash ^ hash >> 32);
}

}  // namespace sagemem::model
