// SPDX-License-Identifier: Apache-2.0
//
// Blocks that grow by realloc: by what rule, and what others would cost.
#pragma once

#include <string>

#include "analysis/growth.h"
#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// "fixed increment, 10,000 x 424 bytes"
[[nodiscard]] std::string growth_rule_text(const analysis::GrowthSite& growth);

void print_growth(Page& page, const Subject& subject);
[[nodiscard]] Json growth_json(const Subject& subject);
void growth_csv(Output& out, const Subject& subject);

}  // namespace sagemem::report
