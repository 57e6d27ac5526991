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
  // It was not seen to its end: killed, and would have gone on; or by exec,
  // and has become another program.
  std::string cut_off;
  std::string replaced;
  // Nothing is missing but frames of call stacks: of their outer ends, and of
  // any part.
  std::string outer_frames;
  std::string any_frames;

  // All of the run's; frames that miss are only some figures' matter.
  [[nodiscard]] std::vector<std::string> gaps() const;
  // Whether all there is of it was recorded, up to however it ended.
  [[nodiscard]] bool is_whole_to_the_end() const {
    return record_gaps.empty() && scope_gaps.empty();
  }
  // Why a figure is not to be trusted; "" when it is.  `is_by_stacks`: of
  // scopes that were found in call stacks.
  [[nodiscard]] std::string gap_of(About about, Needs needs,
                                   bool is_by_stacks) const;
};

[[nodiscard]] Recording find_gaps(const report::Subject& subject);

}  // namespace sagemem::gate
