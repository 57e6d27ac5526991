// SPDX-License-Identifier: Apache-2.0
//
// A rule against the figures of a trace.  A condition is true, false, or not
// to be told from this trace; "and" and "or" take the three as Kleene's logic
// has them: what is false for certain stays false whatever else is not known.
//
// Bands of a baseline give the benefit of the doubt: a comparison is false only
// where it is false for all that the baseline's runs showed; under a "not" its
// opposite is.
#pragma once

#include <string>
#include <vector>

#include "gate/expression.h"
#include "gate/facts.h"

namespace sagemem::gate {

enum class Truth { False, True, Unknown };

struct Value {
  Band band;
  std::string why;  // it is not known; "" when it is

  [[nodiscard]] bool is_known() const { return why.empty(); }
};

// What came of one comparison of a rule.
struct Compared {
  const Node* node = nullptr;
  Truth truth = Truth::Unknown;
  Value left;
  Value right;
  bool is_negated = false;  // it stands under a "not"
};

struct Evaluation {
  Truth truth = Truth::Unknown;
  std::vector<Compared> comparisons;  // in the order of the text
  std::string why;  // the first thing that is not known, when it is Unknown
};

// All figures that the baseline is asked for are in it, see check_baseline().
[[nodiscard]] Evaluation evaluate(const Expression& expression,
                                  const Facts& facts);

// What holds where a comparison does not.
[[nodiscard]] Op negated(Op op);

// Of a number; for tests and what is shown.
[[nodiscard]] Value value_of(const Node& node, const Facts& facts);

}  // namespace sagemem::gate
