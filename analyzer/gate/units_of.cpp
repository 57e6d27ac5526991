// SPDX-License-Identifier: Apache-2.0
#include "gate/units_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gate/lexer.h"

namespace sagemem::gate {
namespace {

// Has no unit of its own, so that it can multiply what has one.
bool is_plain(Unit unit) {
  return unit == Unit::Number || unit == Unit::Ratio || unit == Unit::Count;
}

Node join(Op op, Node left, Node right) {
  Node node;
  node.op = op;
  node.unit = left.unit;
  node.begin = left.begin;
  node.end = right.end;
  node.inner.push_back(std::move(left));
  node.inner.push_back(std::move(right));
  return node;
}

// 5 % to 0.05.
Node as_ratio(Node percent) {
  Node hundredth;
  hundredth.number = 0.01;
  hundredth.begin = hundredth.end = percent.end;
  Node node = join(Op::Multiply, std::move(percent), std::move(hundredth));
  node.unit = Unit::Ratio;
  return node;
}

[[noreturn]] void refuse(const Node& left, const Node& right, const char* what,
                         std::size_t offset) {
  throw ExpressionError(
      offset, fmt::format("{} and {} can not be {}", describe(left.unit),
                          describe(right.unit), what));
}

// A number takes the unit of the other.
void adapt(Node& number, const Node& other) {
  if (other.unit == Unit::Time)
    throw ExpressionError(number.begin, "a time needs a unit, as in 5 ms");
  if (other.unit == Unit::Percent)
    throw ExpressionError(number.begin, "write 5 % for a percentage");
  number.unit = other.unit;
}

void unify(Node& left, Node& right, const char* what, std::size_t offset) {
  if (left.unit == right.unit) return;
  if (left.unit == Unit::Number) return adapt(left, right);
  if (right.unit == Unit::Number) return adapt(right, left);
  if (left.unit == Unit::Ratio && right.unit == Unit::Percent) {
    right = as_ratio(std::move(right));
  } else if (left.unit == Unit::Percent && right.unit == Unit::Ratio) {
    left = as_ratio(std::move(left));
  } else {
    refuse(left, right, what, offset);
  }
}

void want_number(const Node& node) {
  if (is_condition(node.op))
    throw ExpressionError(node.begin,
                          "a condition is no number; join comparisons by and");
}

void want_condition(const Node& node) {
  if (!is_condition(node.op))
    throw ExpressionError(node.begin, "a condition has to be a comparison");
}

Node multiply(Node left, Node right, std::size_t offset) {
  if (left.unit == Unit::Percent) left = as_ratio(std::move(left));
  if (right.unit == Unit::Percent) right = as_ratio(std::move(right));
  if (!is_plain(left.unit) && !is_plain(right.unit))
    refuse(left, right, "multiplied", offset);
  // In the order of the enumeration: what has more of a unit.
  const Unit unit = std::max(left.unit, right.unit);
  Node node = join(Op::Multiply, std::move(left), std::move(right));
  node.unit = unit;
  return node;
}

Node divide(Node left, Node right, std::size_t offset) {
  if (right.unit == Unit::Percent && left.unit != Unit::Percent)
    right = as_ratio(std::move(right));
  Unit unit = left.unit;
  if (left.unit == right.unit) {
    if (left.unit != Unit::Number) unit = Unit::Ratio;
  } else if (!is_plain(right.unit) ||
             (right.unit == Unit::Count && left.unit == Unit::Number)) {
    refuse(left, right, "divided", offset);
  }
  Node node = join(Op::Divide, std::move(left), std::move(right));
  node.unit = unit;
  return node;
}

Node add(Op op, Node left, Node right, std::size_t offset) {
  if (right.unit == Unit::Percent && left.unit != Unit::Percent) {
    right = as_ratio(std::move(right));
    return join(op == Op::Add ? Op::AddPercent : Op::SubtractPercent,
                std::move(left), std::move(right));
  }
  unify(left, right, op == Op::Add ? "added" : "subtracted", offset);
  return join(op, std::move(left), std::move(right));
}

}  // namespace

Node make_comparison(Op op, Node left, Node right, std::size_t offset) {
  want_number(left);
  want_number(right);
  unify(left, right, "compared", offset);
  return join(op, std::move(left), std::move(right));
}

Node make_condition(Op op, Node left, Node right, std::size_t) {
  want_condition(left);
  want_condition(right);
  return join(op, std::move(left), std::move(right));
}

Node make_sum(Op op, Node left, Node right, std::size_t offset) {
  want_number(left);
  want_number(right);
  switch (op) {
    case Op::Multiply:
      return multiply(std::move(left), std::move(right), offset);
    case Op::Divide:
      return divide(std::move(left), std::move(right), offset);
    case Op::Least:
    case Op::Greatest:
      unify(left, right, "compared", offset);
      return join(op, std::move(left), std::move(right));
    default:
      return add(op, std::move(left), std::move(right), offset);
  }
}

}  // namespace sagemem::gate
