// SPDX-License-Identifier: Apache-2.0
//
// Which blocks point to which, and what follows from that: reachable, lost, or
// lost by another one.
//
// Of what is not reachable, every part that nothing else points into has one
// leader: the block itself, or the first one of a ring.  It is found by the
// order in which a depth-first search leaves the blocks: the last one to be
// left was reached by none of those before it (Kosaraju's algorithm).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/leak_classes.h"

namespace sagemem::model {

class LeakGraph {
 public:
  explicit LeakGraph(std::size_t blocks) : blocks_(blocks) {}

  void add_root(std::uint32_t block) { roots_.push_back(block); }
  void add_edge(std::uint32_t from, std::uint32_t to) {
    if (from != to) edges_.push_back({from, to});
  }

  // Once, when all is added.  By block.
  void classify();
  [[nodiscard]] LeakClass class_of(std::uint32_t block) const {
    return classes_[block];
  }
  // Of an indirectly lost one: the lost block that is to blame.
  [[nodiscard]] std::uint32_t leader_of(std::uint32_t block) const {
    return leaders_[block];
  }

 private:
  struct Edge {
    std::uint32_t from;
    std::uint32_t to;
  };

  void index_edges();
  void mark_reachable();
  [[nodiscard]] std::vector<std::uint32_t> order_of_leaving() const;
  void find_leaders();
  template <typename Visit>
  void flood(std::vector<std::uint32_t>& front, const Visit& visit) const;

  std::size_t blocks_;
  std::vector<std::uint32_t> roots_;
  std::vector<Edge> edges_;
  std::vector<std::uint64_t> first_;  // of each block in targets_; one more
  std::vector<std::uint32_t> targets_;
  std::vector<LeakClass> classes_;
  std::vector<std::uint32_t> leaders_;
};

}  // namespace sagemem::model
