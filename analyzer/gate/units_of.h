// SPDX-License-Identifier: Apache-2.0
//
// Which units go together, and what comes of it: makes the nodes of an
// expression, or says why there can be none.
//
//   5 -> 5 blocks, beside a count          5 MiB < 5 s: refused
//   12 MiB + 5 % -> 12 MiB times 1.05      leaked.bytes / peak.bytes: a ratio
#pragma once

#include <cstddef>

#include "gate/expression.h"

namespace sagemem::gate {

// `offset` is where the sign stands.  All throw ExpressionError.
[[nodiscard]] Node make_comparison(Op op, Node left, Node right,
                                   std::size_t offset);
[[nodiscard]] Node make_condition(Op op, Node left, Node right,
                                  std::size_t offset);
// Of Add, Subtract, Multiply, Divide, Least and Greatest.
[[nodiscard]] Node make_sum(Op op, Node left, Node right, std::size_t offset);

}  // namespace sagemem::gate
