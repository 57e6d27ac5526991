// SPDX-License-Identifier: Apache-2.0
//
// All call stacks of a run as one prefix tree: a StackId names its innermost
// frame, parents lead outward to the root.  A million stacks that share their
// outer frames cost one node for each frame that differs.
//
//        root(0)
//          main(1)
//            run_sage(2)
//              malloc site A(3)     stack 3 = A < run_sage < main
//              malloc site B(4)
//
// A frame is a module and an offset, not an address: two libraries that were
// loaded at one address in turn stay apart.
//
// While one thread pushes, others may ask for nodes that they were told of, but
// not for the size.
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <vector>

#include "model/chunked_vector.h"

namespace sagemem::model {

using StackId = std::uint32_t;
inline constexpr StackId kRootStack = 0;
inline constexpr std::uint32_t kNoModule = 0xffffffff;

struct Frame {
  std::uint32_t module = kNoModule;
  // Return address minus the module's bias (an ELF virtual address); with
  // kNoModule the plain return address.
  std::uint64_t offset = 0;

  friend bool operator==(const Frame&, const Frame&) = default;
};

class StackTree {
 public:
  StackTree();

  // The stack that `frame` makes on top of `outer`; made when new.
  StackId push(StackId outer, const Frame& frame);

  [[nodiscard]] StackId outer(StackId stack) const {
    return nodes_[stack].outer;
  }
  [[nodiscard]] const Frame& frame(StackId stack) const {
    return nodes_[stack].frame;
  }
  // Nodes, the root included: ids are 0 .. size() - 1, an outer frame always
  // has the smaller id.
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  // Innermost first, the root left out.
  [[nodiscard]] std::vector<Frame> frames(StackId stack) const;

 private:
  struct Node {
    StackId outer;
    Frame frame;
  };
  struct Key {
    StackId outer;
    Frame frame;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };

  ChunkedVector<Node> nodes_;
  tsl::robin_map<Key, StackId, KeyHash> ids_;
};

}  // namespace sagemem::model
