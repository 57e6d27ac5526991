// SPDX-License-Identifier: Apache-2.0
#include "model/leak_graph.h"

#include <utility>

namespace sagemem::model {

void LeakGraph::classify() {
  index_edges();
  classes_.assign(blocks_, LeakClass::NotScanned);
  leaders_.assign(blocks_, 0);
  mark_reachable();
  find_leaders();
}

void LeakGraph::index_edges() {
  first_.assign(blocks_ + 1, 0);
  for (const Edge& edge : edges_) ++first_[edge.from + std::size_t{1}];
  for (std::size_t i = 0; i < blocks_; ++i) first_[i + 1] += first_[i];
  targets_.resize(edges_.size());
  std::vector<std::uint64_t> next(first_.begin(), first_.end() - 1);
  for (const Edge& edge : edges_) targets_[next[edge.from]++] = edge.to;
  std::vector<Edge>().swap(edges_);
}

// Goes on from all in `front`: visit(block) says whether from there too.
template <typename Visit>
void LeakGraph::flood(std::vector<std::uint32_t>& front,
                      const Visit& visit) const {
  while (!front.empty()) {
    const std::uint32_t block = front.back();
    front.pop_back();
    for (std::uint64_t i = first_[block]; i < first_[block + std::size_t{1}];
         ++i) {
      if (visit(targets_[i])) front.push_back(targets_[i]);
    }
  }
}

void LeakGraph::mark_reachable() {
  std::vector<std::uint32_t> front;
  const auto visit = [this](std::uint32_t block) {
    return std::exchange(classes_[block], LeakClass::Reachable) !=
           LeakClass::Reachable;
  };
  for (const std::uint32_t root : roots_) {
    if (visit(root)) front.push_back(root);
  }
  flood(front, visit);
}

// Of the blocks that are not reachable, in order: when a search that goes
// through them leaves each for good.
std::vector<std::uint32_t> LeakGraph::order_of_leaving() const {
  std::vector<std::uint32_t> order;
  std::vector<bool> is_seen(blocks_);
  struct Step {
    std::uint32_t block;
    std::uint64_t next;
  };
  std::vector<Step> path;
  const auto enter = [&](std::uint32_t block) {
    if (is_seen[block] || classes_[block] == LeakClass::Reachable) return;
    is_seen[block] = true;
    path.push_back({block, first_[block]});
  };
  for (std::uint32_t start = 0; start < blocks_; ++start) {
    enter(start);
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next < first_[step.block + std::size_t{1}]) {
        enter(targets_[step.next++]);
      } else {
        order.push_back(step.block);
        path.pop_back();
      }
    }
  }
  return order;
}

void LeakGraph::find_leaders() {
  const std::vector<std::uint32_t> order = order_of_leaving();
  std::vector<std::uint32_t> front;
  for (auto leader = order.rbegin(); leader != order.rend(); ++leader) {
    if (classes_[*leader] != LeakClass::NotScanned) continue;
    classes_[*leader] = LeakClass::Lost;
    front.push_back(*leader);
    flood(front, [this, leader](std::uint32_t block) {
      if (classes_[block] != LeakClass::NotScanned) return false;
      classes_[block] = LeakClass::IndirectlyLost;
      leaders_[block] = *leader;
      return true;
    });
  }
}

}  // namespace sagemem::model
