// SPDX-License-Identifier: Apache-2.0
//
// Says which groups the blocks of a call stack count to while the trace is
// being replayed: when the first block of the stack comes, before it counts.
// Where names can be had that early, this spares a second replay; see
// GroupCounters.
//
// Hazard: what start() is given grows while the trace is read, by a thread of
// its own as well.  Nothing may be asked of it but the stack in question, the
// frames around it and their modules; and nothing when the replay has ended.
#pragma once

#include <cstdint>
#include <vector>

#include "model/stack_tree.h"

namespace sagemem::model {

struct Module;

class StackGrouper {
 public:
  StackGrouper() = default;
  StackGrouper(const StackGrouper&) = delete;
  StackGrouper& operator=(const StackGrouper&) = delete;
  virtual ~StackGrouper() = default;

  // A replay begins.
  virtual void start(const StackTree& stacks,
                     const std::vector<Module>& modules) = 0;
  // Appends the groups of the stack: numbers from 0 on, each once.
  virtual void group(StackId stack, std::vector<std::uint32_t>& groups) = 0;
};

}  // namespace sagemem::model
