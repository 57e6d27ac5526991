// SPDX-License-Identifier: Apache-2.0
//
// A rule as a tree.  Plain data; parse_expression.h makes it, evaluate.h
// computes it.  Units have been checked by then: every node has its own, and
// what was written in another one has been converted.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gate/figures.h"

namespace sagemem::gate {

enum class Op : std::uint8_t {
  Or,
  And,
  Not,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Add,
  Subtract,
  AddPercent,  // 100 + 5 % is 105
  SubtractPercent,
  Multiply,
  Divide,
  Negate,
  Least,     // min(a, b)
  Greatest,  // max(a, b)
  Literal,
  Figure,
};

[[nodiscard]] constexpr bool is_comparison(Op op) {
  return op >= Op::Equal && op <= Op::GreaterEqual;
}
[[nodiscard]] constexpr bool is_condition(Op op) {
  return op <= Op::GreaterEqual;
}

// A figure with what stands in its parentheses.
struct FigureUse {
  const Figure* figure = nullptr;
  About about = About::Run;  // of those that choose blocks, which
  std::vector<std::string> arguments;
  Aggregate aggregate = Aggregate::None;
  bool has_own_aggregate = false;  // somebody said which
  bool is_of_baseline = false;

  // As a baseline calls it: max(scope("forest").peak.bytes)
  [[nodiscard]] std::string key() const;
  // As a reader knows it: the same with baseline. in front where it belongs.
  [[nodiscard]] std::string text() const;
};

struct Node {
  Op op = Op::Literal;
  Unit unit = Unit::Number;  // of conditions: none
  double number = 0;         // of a literal
  FigureUse use;             // of a figure
  std::vector<Node> inner;
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
};

struct Expression {
  std::string text;
  Node root;
};

// Calls `take` for each node that is a figure, of baselines too.
template <typename Take>
void each_figure(const Node& node, const Take& take) {
  if (node.op == Op::Figure) take(node);
  for (const Node& inner : node.inner) each_figure(inner, take);
}

// "max", "sum"; "" for None.
[[nodiscard]] const char* aggregate_name(Aggregate aggregate);

}  // namespace sagemem::gate
