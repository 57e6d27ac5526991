// SPDX-License-Identifier: Apache-2.0
//
// Why a figure is what it is: the sites that have most of it, and the scopes.
// Where there is a baseline, the sites that have more than they had come first.
#pragma once

#include "gate/evaluate.h"
#include "gate/facts.h"
#include "gate/source_paths.h"
#include "gate/verdict.h"

namespace sagemem::gate {

class Evidences {
 public:
  // Both outlive it.
  Evidences(const Facts& facts, SourcePaths& paths)
      : facts_(facts), paths_(paths) {}

  [[nodiscard]] const Facts& facts() const { return facts_; }
  // For the figure of a comparison that decided against a rule.
  void add(Finding& finding, const Compared& compared) const;

 private:
  void add_source(SiteEvidence& site) const;

  const Facts& facts_;
  SourcePaths& paths_;
};

}  // namespace sagemem::gate
