// SPDX-License-Identifier: Apache-2.0
//
// Answers for one site: which rules it may match, as far as that depends on the
// site alone.  Rules also ask about the stack around it; that is left to
// find_categories().
#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <vector>

#include "rules/program_rules.h"
#include "symbolize/location.h"
#include "symbolize/source_text.h"

namespace sagemem::analysis {

class CategoryRules {
 public:
  CategoryRules(const std::vector<rules::CategoryRule>& rules,
                symbolize::SourceText& sources)
      : rules_(rules), sources_(sources) {}

  // Indices of the rules whose conditions on the site hold, in order; `call`
  // is not looked at.
  [[nodiscard]] const std::vector<std::uint32_t>& candidates(
      const symbolize::Location* site);

 private:
  [[nodiscard]] bool matches(const rules::CategoryRule& rule,
                             const symbolize::Location& site);

  const std::vector<rules::CategoryRule>& rules_;
  symbolize::SourceText& sources_;
  tsl::robin_map<const symbolize::Location*, std::vector<std::uint32_t>>
      candidates_;
};

}  // namespace sagemem::analysis
