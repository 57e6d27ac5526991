// SPDX-License-Identifier: Apache-2.0
//
// Blocks that are not those at the peak or at the end, by site: what was live
// at some moment, or passed through.
#pragma once

#include <string>

#include "analysis/moments.h"
#include "report/json.h"
#include "report/page.h"
#include "report/subject.h"
#include "report/table.h"

namespace sagemem::report {

// The rows of `leaks`, with these blocks for those that were never released.
void print_amounts(Page& page, const Subject& subject,
                   const std::string& heading,
                   const analysis::StackAmounts& stacks,
                   const analysis::Amount& total);
// {"blocks", "bytes", "sites": [{..., "blocks", "bytes"}]}
[[nodiscard]] Json json_amounts(const Subject& subject,
                                const analysis::StackAmounts& stacks,
                                const analysis::Amount& total);
// A row for each site, which begins with these cells.
void add_amount_rows(Table& table, const Subject& subject,
                     const analysis::StackAmounts& stacks,
                     const std::vector<Cell>& cells);

// "4,096 bytes in 2 blocks"
[[nodiscard]] std::string amount_text(const analysis::Amount& amount);

}  // namespace sagemem::report
