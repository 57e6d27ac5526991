// SPDX-License-Identifier: Apache-2.0
//
// Counts what is near the limits of a program in the very replay that its
// profile comes from, where that can be done: a second replay takes as long as
// the first.
//
// The rules are the user's; or those of the built-in profile that the
// executable calls for, which is looked into when the first block comes that
// the executable itself has allocated.  Its file is opened then and not before:
// every report opens the files of the functions that allocate, and not all
// others.
//
//   stacks   libc > init     exe > main     exe > f > mymalloc
//            not yet known   rules chosen   limit 0
//
// What turns out not to be so - a stack that came before the rules were chosen
// leads through a function of a limit; names of a library make another choice
// in the end - makes fill() say no, and then the second replay does it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/limits.h"
#include "model/stack_grouper.h"
#include "rules/program_rules.h"
#include "symbolize/symbolizer.h"

namespace sagemem::analysis {

class LimitWatch : public model::StackGrouper {
 public:
  // Both must outlive this.  `rules`: nullptr: those of a built-in profile.
  LimitWatch(symbolize::Symbolizer& symbols, const rules::ProgramRules* rules);

  void start(const model::StackTree& stacks,
             const std::vector<model::Module>& modules) override;
  void group(model::StackId stack, std::vector<std::uint32_t>& groups) override;

  // Of the replay that this was given to last, `profile`, to the limits of its
  // breakdown.  False: it is not known, and nothing has changed.
  [[nodiscard]] bool fill(const model::Profile& profile,
                          Breakdown& breakdown) const;

 private:
  void choose(model::StackId stack);

  symbolize::Symbolizer& symbols_;
  const rules::ProgramRules* rules_;
  rules::ProgramRules built_in_;  // when it has been chosen
  const model::StackTree* stacks_ = nullptr;
  const std::vector<model::Module>* modules_ = nullptr;
  std::optional<LimitPatterns> patterns_;
  std::vector<model::StackId> before_;  // that came before the rules
  bool has_missed_ = false;
};

}  // namespace sagemem::analysis
