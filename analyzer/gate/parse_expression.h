// SPDX-License-Identifier: Apache-2.0
//
// The text of a rule to its tree.  sagemem-rules(5) has the grammar:
//
//   rule        comparison { and | or comparison }, not, parentheses
//   comparison  sum == sum, and != < <= > >=
//   sum         + - * /, numbers with units, figures, min(..), max(..)
//   figure      [baseline.] [about(..).] name.name
#pragma once

#include <string>
#include <string_view>

#include "gate/expression.h"

namespace sagemem::gate {

// Throws ExpressionError (lexer.h) for everything that can be known to be wrong
// without a trace: names, units, numbers of arguments.
[[nodiscard]] Expression parse_expression(std::string_view text);

// A figure alone, as baselines write their keys.
[[nodiscard]] FigureUse parse_figure(std::string_view text);

}  // namespace sagemem::gate
