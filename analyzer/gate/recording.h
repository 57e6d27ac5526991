// SPDX-License-Identifier: Apache-2.0
//
// What a recording lacks to be the record of a whole run.  A rule that needs
// what is not there is undecided, whatever the numbers say.
#pragma once

#include <string>
#include <vector>

#include "gate/figures.h"
#include "report/subject.h"

namespace sagemem::gate {

struct Recording {
  std::vector<std::string> record_gaps;  // events are missing
  std::vector<std::string> scope_gaps;   // begins or ends of scopes are
  std::vector<std::string> end_gaps;     // it was not seen to its end

  [[nodiscard]] bool is_complete() const {
    return record_gaps.empty() && scope_gaps.empty() && end_gaps.empty();
  }
  // Why a figure is not to be trusted; "" when it is.
  [[nodiscard]] std::string gap_of(About about, Needs needs) const;
};

[[nodiscard]] Recording find_gaps(const report::Subject& subject);

}  // namespace sagemem::gate
