// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "model/open_scopes.h"
#include "model/stack_tree.h"

namespace sagemem::model {

// A live block.  There is one for each, millions of them: see BlockTable.
struct Block {
  std::uint64_t size = 0;
  StackId stack = kRootStack;
  OriginId origin = 0;  // the writer that allocated it, and its scopes

  // No scope has it: OpenScopes refuses to make it.
  static constexpr OriginId kUncounted = ~OriginId{0};
  [[nodiscard]] bool is_counted() const { return origin != kUncounted; }
};

}  // namespace sagemem::model
