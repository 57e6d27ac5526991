// SPDX-License-Identifier: Apache-2.0
#include "gate/expression.h"

#include <fmt/format.h>

namespace sagemem::gate {

const char* aggregate_name(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::None:
      return "";
    case Aggregate::Sum:
      return "sum";
    case Aggregate::Max:
      return "max";
    case Aggregate::Min:
      return "min";
    case Aggregate::Mean:
      return "mean";
    case Aggregate::Median:
      return "median";
  }
  return "";
}

std::string FigureUse::key() const {
  std::string path;
  if (about != About::Run) {
    path = about_name(about).name;
    for (const std::string& argument : arguments) {
      // A text has no escapes and so holds one kind of quotes at the most.
      const char quote = argument.find('"') == std::string::npos ? '"' : '\'';
      path +=
          fmt::format("{}{}{}{}", &argument == arguments.data() ? "(" : ", ",
                      quote, argument, quote);
    }
    path += ").";
  }
  path += figure->name;
  if (aggregate == Aggregate::None) return path;
  return fmt::format("{}({})", aggregate_name(aggregate), path);
}

std::string FigureUse::text() const {
  return (is_of_baseline ? "baseline." : "") + key();
}

}  // namespace sagemem::gate
