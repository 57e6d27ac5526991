// SPDX-License-Identifier: Apache-2.0
//
// What each node of a tree of stacks held over time, all below it included:
// its own highest point, exactly.  The sum of what its parts held at their own
// highest points is more than it ever held, as these are reached at different
// times; so all changes have to pass through every node above them.
//
// They do so late.  While blocks of one leaf come and go, a node above needs no
// more of that run than how much it added in all, and the most that it had
// added at some moment.  It is told when the next change is elsewhere below it:
//
//   root                     leaf  A +10  A -10  A +5 | B +3
//     parent                 told to the parent when B comes: +5, at most +10
//       A
//       B
//
// An event costs as many steps as there are between its leaf and that of the
// event before.
#pragma once

#include <cstdint>
#include <vector>

#include "model/heap_observer.h"

namespace sagemem::model {

class TreeCounters : public HeapObserver {
 public:
  static constexpr std::uint32_t kNoNode = 0xffffffff;

  struct Most {
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;
    std::int64_t bytes_ns = 0;  // when that was reached first
  };

  // `parents`: of each node, which is in front of it; node 0 is the root and
  // its own parent.  `node_of_stack`: where the blocks of a stack count, by
  // StackId; kNoNode, and stacks beyond: nowhere.
  TreeCounters(const std::vector<std::uint32_t>& parents,
               std::vector<std::uint32_t> node_of_stack);

  void start(const ScopeModel& scopes, const decode::TickClock& clock) override;
  void allocate(const Place& place) override;
  void release(std::uint64_t address, const Block& block) override;

  // By node; after the replay.
  [[nodiscard]] std::vector<Most> finish();

 private:
  // A level, the highest that it ever had, and what the parent does not know.
  // Sums wrap around: sizes in a damaged trace may be anything.
  struct Level {
    std::uint64_t now = 0;
    std::uint64_t untold = 0;
    std::int64_t most = 0;
    std::int64_t untold_most = kNothing;
    std::uint64_t most_ticks = 0;
    std::uint64_t untold_ticks = 0;

    static constexpr std::int64_t kNothing = INT64_MIN;

    void add(std::uint64_t amount, std::uint64_t ticks);
    void subtract(std::uint64_t amount);
    void tell(Level& parent);
  };
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t depth = 0;
    Level bytes;
    Level blocks;
  };

  [[nodiscard]] std::uint32_t node_of(StackId stack) const {
    return stack < node_of_stack_.size() ? node_of_stack_[stack] : kNoNode;
  }
  void move_to(std::uint32_t node);
  std::uint32_t tell_parent(std::uint32_t node);

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> node_of_stack_;
  std::uint32_t last_ = 0;  // only it and nodes above it have untold changes
  const decode::TickClock* clock_ = nullptr;
};

}  // namespace sagemem::model
