// SPDX-License-Identifier: Apache-2.0
#include "report/csv_field.h"

#include "report/text.h"

namespace sagemem::report {

std::string csv_field(std::string_view text) {
  constexpr std::string_view kFormulas = "=+-@";
  std::string clean = printable(text, true);
  if (!clean.empty() && kFormulas.find(clean.front()) != kFormulas.npos)
    clean.insert(0, 1, '\'');
  if (clean.find_first_of(",\"") == std::string::npos) return clean;
  std::string quoted = "\"";
  for (const char c : clean) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace sagemem::report
