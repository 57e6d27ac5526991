// SPDX-License-Identifier: Apache-2.0
//
// Why a figure is what it is: the sites that have most of it, and the scopes.
// Where there is a baseline, the sites that have more than they had come first.
#pragma once

#include "gate/evaluate.h"
#include "gate/facts.h"
#include "gate/verdict.h"

namespace sagemem::gate {

// For the figure of a comparison that decided against a rule.
void add_evidence(Finding& finding, const Compared& compared,
                  const Facts& facts);

}  // namespace sagemem::gate
