// SPDX-License-Identifier: Apache-2.0
//
// Program counters that an event pushed to a node of the stack tree: resolved
// against the modules of that moment, frames of the recorder left out.
//
// Sits between the events and StackTree, because a program pushes the same few
// thousand (outer, pc) pairs over and over: a cache, two entries to a set,
// answers those without a module search and without the tree's hash map.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/module_table.h"
#include "model/stack_tree.h"

namespace sagemem::model {

class StackResolver {
 public:
  StackResolver(StackTree& tree, const ModuleTable& modules);

  // The stack that a return address makes on top of `outer`; `outer` itself
  // for a frame of the recorder.
  StackId push(StackId outer, std::uint64_t pc) {
    if (modules_.generation() != generation_) forget();
    const Set& set = cache_[slot(outer, pc)];
    for (const Entry& entry : set) {
      if (entry.pc == pc && entry.outer == outer) return entry.stack;
    }
    return fill(outer, pc);
  }

 private:
  struct Entry {
    std::uint64_t pc = 0;
    StackId outer = kRootStack;
    StackId stack = kRootStack;
  };
  // The last one that came stands first.
  using Set = std::array<Entry, 2>;
  // The cache has a place for each node of the tree, within these bounds: 64
  // KiB and 8 MiB.  No more: it is to stay near the processor.
  static constexpr unsigned kFirstBits = 11;
  static constexpr unsigned kLastBits = 18;

  [[nodiscard]] std::size_t slot(StackId outer,
                                 std::uint64_t pc) const noexcept {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    const std::uint64_t hash =
        (pc ^ std::uint64_t{outer} * 0x632be59bd9b4e019) * golden;
    return static_cast<std::size_t>(hash >> (64 - bits_));
  }

  void forget();
  StackId fill(StackId outer, std::uint64_t pc);

  StackTree& tree_;
  const ModuleTable& modules_;
  std::vector<Set> cache_;
  unsigned bits_ = kFirstBits;
  std::uint32_t generation_ = 0;
};

}  // namespace sagemem::model
