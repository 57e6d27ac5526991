// SPDX-License-Identifier: Apache-2.0
//
// What to change first, in words: the advice, why, and what it would gain.
#pragma once

#include <string>

#include "analysis/advise.h"
#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// More than these nobody reads.
inline constexpr std::size_t kMostAdvice = 10;

// One sentence each; names are those of the trace, not yet made harmless.
struct AdviceWords {
  std::string action;
  std::string evidence;
  std::string gain;
};
[[nodiscard]] AdviceWords words_of(const Subject& subject,
                                   const analysis::Advice& advice);

void print_advice(Page& page, const Subject& subject);
[[nodiscard]] Json advice_json(const Subject& subject);
void advice_csv(Output& out, const Subject& subject);

}  // namespace sagemem::report
