// SPDX-License-Identifier: Apache-2.0
#include "gate/evaluate.h"

#include <utility>

namespace sagemem::gate {
namespace {

Value unknown(std::string why) {
  return {{}, std::move(why)};
}

Value figure_value(const FigureUse& use, const Facts& facts) {
  if (use.is_of_baseline) {
    const auto found = facts.baseline()->figures.find(use.key());
    if (found != facts.baseline()->figures.end()) return {found->second, ""};
    return unknown("the baseline has no " + use.key());
  }
  const std::string gap = facts.gap_of(use);
  if (!gap.empty()) return unknown(gap);
  const Reading reading = facts.read(use);
  if (!reading.value) return unknown(reading.why);
  return {Band::at(*reading.value), ""};
}

Band compute(Op op, const Band& left, const Band& right) {
  switch (op) {
    case Op::Add:
      return left + right;
    case Op::Subtract:
      return left - right;
    case Op::AddPercent:
      return changed_by(left, right);
    case Op::SubtractPercent:
      return changed_by(left, Band::at(0) - right);
    case Op::Multiply:
      return left * right;
    case Op::Divide:
      return left / right;
    case Op::Least:
      return least(left, right);
    default:
      return greatest(left, right);
  }
}

bool holds(Op op, const Band& left, const Band& right) {
  switch (op) {
    case Op::Equal:
      return left.low <= right.high && right.low <= left.high;
    case Op::NotEqual:
      return !left.is_point() || !right.is_point() || left.low != right.low;
    case Op::Less:
      return left.low < right.high;
    case Op::LessEqual:
      return left.low <= right.high;
    case Op::Greater:
      return left.high > right.low;
    default:
      return left.high >= right.low;
  }
}

Truth opposite(Truth truth) {
  if (truth == Truth::Unknown) return truth;
  return truth == Truth::True ? Truth::False : Truth::True;
}

Truth joined(Op op, Truth left, Truth right) {
  const Truth decisive = op == Op::And ? Truth::False : Truth::True;
  if (left == decisive || right == decisive) return decisive;
  if (left == Truth::Unknown || right == Truth::Unknown) return Truth::Unknown;
  return opposite(decisive);
}

class Evaluator {
 public:
  Evaluator(const Facts& facts, Evaluation& result)
      : facts_(facts), result_(result) {}

  Truth truth_of(const Node& node, bool is_negated) {
    if (is_comparison(node.op)) return compare(node, is_negated);
    if (node.op == Op::Not)
      return opposite(truth_of(node.inner[0], !is_negated));
    const Truth left = truth_of(node.inner[0], is_negated);
    return joined(node.op, left, truth_of(node.inner[1], is_negated));
  }

 private:
  Truth compare(const Node& node, bool is_negated) {
    Compared compared;
    compared.node = &node;
    compared.is_negated = is_negated;
    compared.left = value_of(node.inner[0], facts_);
    compared.right = value_of(node.inner[1], facts_);
    for (const Value* one : {&compared.left, &compared.right}) {
      if (!one->is_known() && result_.why.empty()) result_.why = one->why;
    }
    if (compared.left.is_known() && compared.right.is_known())
      compared.truth = truth_of(compared, is_negated);
    result_.comparisons.push_back(compared);
    return compared.truth;
  }

  // Under a "not" it is the opposite that has the benefit of the doubt.
  static Truth truth_of(const Compared& compared, bool is_negated) {
    const Op op = is_negated ? negated(compared.node->op) : compared.node->op;
    const bool is_so = holds(op, compared.left.band, compared.right.band);
    return is_so == is_negated ? Truth::False : Truth::True;
  }

  const Facts& facts_;
  Evaluation& result_;
};

}  // namespace

Op negated(Op op) {
  switch (op) {
    case Op::Equal:
      return Op::NotEqual;
    case Op::NotEqual:
      return Op::Equal;
    case Op::Less:
      return Op::GreaterEqual;
    case Op::LessEqual:
      return Op::Greater;
    case Op::Greater:
      return Op::LessEqual;
    default:
      return Op::Less;
  }
}

Value value_of(const Node& node, const Facts& facts) {
  if (node.op == Op::Literal) return {Band::at(node.number), ""};
  if (node.op == Op::Figure) return figure_value(node.use, facts);
  Value left = value_of(node.inner[0], facts);
  if (!left.is_known()) return left;
  if (node.op == Op::Negate) return {Band::at(0) - left.band, ""};
  Value right = value_of(node.inner[1], facts);
  if (!right.is_known()) return right;
  const Band band = compute(node.op, left.band, right.band);
  if (!band.is_finite())
    return unknown(node.op == Op::Divide ? "a division by 0"
                                         : "a number beyond all use");
  return {band, ""};
}

Evaluation evaluate(const Expression& expression, const Facts& facts) {
  Evaluation result;
  result.truth = Evaluator(facts, result).truth_of(expression.root, false);
  if (result.truth != Truth::Unknown) result.why.clear();
  return result;
}

}  // namespace sagemem::gate
