// SPDX-License-Identifier: Apache-2.0
//
// The figures of one trace, read when rules ask for them.  What takes another
// replay is asked for all rules at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/scope_groups.h"
#include "gate/baseline.h"
#include "gate/expression.h"
#include "gate/recording.h"
#include "report/leak_facts.h"
#include "report/subject.h"

namespace sagemem::gate {

struct ScopeReading {
  model::ScopeId scope = model::kNoScope;
  double value = 0;
};

class Facts {
 public:
  // `uses`: all that will be asked for.  The subject and the baseline (nullptr:
  // none) outlive it.
  Facts(const report::Subject& subject, const Baseline* baseline,
        const std::vector<FigureUse>& uses);

  [[nodiscard]] const report::Subject& subject() const { return subject_; }
  [[nodiscard]] const Recording& recording() const { return recording_; }
  [[nodiscard]] const Baseline* baseline() const { return baseline_; }
  [[nodiscard]] const std::vector<std::string>& site_keys() const {
    return site_keys_;
  }

  // As far as the trace tells, complete or not.
  [[nodiscard]] Reading read(const FigureUse& use) const;
  // Of a figure that each scope has, in the order of their begins.
  [[nodiscard]] std::vector<ScopeReading> read_scopes(
      const FigureUse& use) const;
  // The stacks of the blocks that it is about, by StackId; nullptr: of all.
  [[nodiscard]] const std::vector<bool>* stacks_of(const FigureUse& use) const;
  // Why a figure is not to be trusted; "" when it is.
  [[nodiscard]] std::string gap_of(const FigureUse& use) const;
  // Whether it is about blocks, of which there are none.
  [[nodiscard]] bool is_of_nothing(const FigureUse& use) const;
  // Where a figure needs it; else nullptr.
  [[nodiscard]] const report::LeakFacts* leaks() const {
    return leaks_ ? &*leaks_ : nullptr;
  }
  // The same of what the figure is about: of scopes, what was born in them.
  [[nodiscard]] const analysis::LeakReport* leaks_of(
      const FigureUse& use) const;
  // The rules of scopes that it is about.
  [[nodiscard]] const analysis::ScopeGroup* group_of(
      const FigureUse& use) const;

 private:
  using ChoiceKey = std::pair<About, std::string>;
  struct Choice {
    std::vector<bool> stacks;
    ChosenBlocks blocks;
    // Whether the trace has what the pattern names, with blocks or without.
    bool is_known = false;
  };

  void choose(const ChoiceKey& key);
  [[nodiscard]] bool is_chosen(const ChoiceKey& key,
                               model::StackId stack) const;
  [[nodiscard]] bool is_site(const std::string& pattern,
                             const symbolize::Location& at) const;
  [[nodiscard]] bool is_through(const std::string& pattern,
                                model::StackId stack, bool is_within) const;
  [[nodiscard]] const std::string& plain_name(
      const symbolize::Location& at) const;
  [[nodiscard]] bool is_named(const ChoiceKey& key) const;
  [[nodiscard]] bool is_named_by(const ChoiceKey& key,
                                 const symbolize::Location& at) const;
  void sum_up(Choice& choice) const;
  void find_leaks_of(const FigureUse& use);
  void count_over_time();
  void count_new_leaks();
  [[nodiscard]] bool has_category(const std::string& pattern) const;
  // Those of the group, or of its number.
  [[nodiscard]] std::vector<model::ScopeId> scopes_of(
      const FigureUse& use, const analysis::ScopeGroup& group) const;
  [[nodiscard]] Reading read_line(const FigureUse& use) const;
  [[nodiscard]] Reading read_limit(const FigureUse& use) const;
  [[nodiscard]] Reading read_notice(const FigureUse& use) const;
  [[nodiscard]] Reading read_blocks(const FigureUse& use) const;
  [[nodiscard]] Reading read_group(const FigureUse& use) const;
  [[nodiscard]] Reading no_group(const std::string& name) const;

  const report::Subject& subject_;
  const Baseline* const baseline_;
  const Recording recording_;
  const std::vector<analysis::ScopeGroup> groups_;
  const std::vector<std::string> site_keys_;
  std::map<ChoiceKey, Choice> choices_;
  std::uint64_t new_leaking_sites_ = 0;
  std::optional<report::LeakFacts> leaks_;
  // Of scopes, by the arguments that name them.
  std::map<std::vector<std::string>, analysis::LeakReport> scope_leaks_;
  mutable std::unordered_map<const symbolize::Location*, std::string> names_;
};

}  // namespace sagemem::gate
