// SPDX-License-Identifier: Apache-2.0
#include "model/tree_counters.h"

#include <algorithm>
#include <utility>

namespace sagemem::model {
namespace {

std::int64_t as_signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

TreeCounters::TreeCounters(const std::vector<std::uint32_t>& parents,
                           std::vector<std::uint32_t> node_of_stack)
    : nodes_(std::max(parents.size(), std::size_t{1})),
      node_of_stack_(std::move(node_of_stack)) {
  for (std::size_t i = 1; i < parents.size(); ++i) {
    nodes_[i].parent = parents[i];
    nodes_[i].depth = nodes_[parents[i]].depth + 1;
  }
}

void TreeCounters::start(const ScopeModel& scopes,
                         const decode::TickClock& clock) {
  static_cast<void>(scopes);
  clock_ = &clock;
}

void TreeCounters::allocate(const Place& place) {
  const std::uint32_t node = node_of(place.block.stack);
  if (node == kNoNode) return;
  move_to(node);
  nodes_[node].bytes.add(place.block.size, place.ticks);
  nodes_[node].blocks.add(1, place.ticks);
}

void TreeCounters::release(std::uint64_t address, const Block& block) {
  static_cast<void>(address);
  const std::uint32_t node = node_of(block.stack);
  if (node == kNoNode) return;
  move_to(node);
  nodes_[node].bytes.subtract(block.size);
  nodes_[node].blocks.subtract(1);
}

std::vector<TreeCounters::Most> TreeCounters::finish() {
  move_to(0);
  std::vector<Most> result;
  for (const Node& node : nodes_) {
    Most most;
    most.bytes = static_cast<std::uint64_t>(node.bytes.most);
    most.blocks = static_cast<std::uint64_t>(node.blocks.most);
    if (most.bytes > 0) most.bytes_ns = clock_->to_ns(node.bytes.most_ticks);
    result.push_back(most);
  }
  return result;
}

// Up from the last one to where both ways meet, each telling its parent.
void TreeCounters::move_to(std::uint32_t node) {
  if (node == last_) return;
  std::uint32_t here = std::exchange(last_, node);
  while (nodes_[here].depth > nodes_[node].depth) here = tell_parent(here);
  while (nodes_[node].depth > nodes_[here].depth) node = nodes_[node].parent;
  while (here != node) {
    here = tell_parent(here);
    node = nodes_[node].parent;
  }
}

std::uint32_t TreeCounters::tell_parent(std::uint32_t node) {
  Node& child = nodes_[node];
  Node& parent = nodes_[child.parent];
  child.bytes.tell(parent.bytes);
  child.blocks.tell(parent.blocks);
  return child.parent;
}

// Only a rise makes a new highest point, and of several moments at one height
// the first is it.
void TreeCounters::Level::add(std::uint64_t amount, std::uint64_t ticks) {
  now += amount;
  untold += amount;
  if (as_signed(now) > most) {
    most = as_signed(now);
    most_ticks = ticks;
  }
  if (as_signed(untold) > untold_most) {
    untold_most = as_signed(untold);
    untold_ticks = ticks;
  }
}

void TreeCounters::Level::subtract(std::uint64_t amount) {
  now -= amount;
  untold -= amount;
}

void TreeCounters::Level::tell(Level& parent) {
  if (untold_most != kNothing) {
    const auto highest = static_cast<std::uint64_t>(untold_most);
    if (as_signed(parent.now + highest) > parent.most) {
      parent.most = as_signed(parent.now + highest);
      parent.most_ticks = untold_ticks;
    }
    if (as_signed(parent.untold + highest) > parent.untold_most) {
      parent.untold_most = as_signed(parent.untold + highest);
      parent.untold_ticks = untold_ticks;
    }
  }
  parent.now += untold;
  parent.untold += untold;
  untold = 0;
  untold_most = kNothing;
}

}  // namespace sagemem::model
