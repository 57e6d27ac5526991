// SPDX-License-Identifier: Apache-2.0
//
// A replay that also has to do with scopes of new values: it learns where they
// begin, and makes those anew that an earlier one has learned of.
#pragma once

#include <vector>

#include "model/each_scopes.h"
#include "model/replay.h"

namespace sagemem::model {

struct EachScopesOf {
  std::vector<EachRule> rules;      // in
  std::vector<FirstStack> learned;  // out
};

Profile replay(const decode::TraceFile& file, const ReplayOptions& options,
               EachScopesOf& each, const Progress& progress = {});

}  // namespace sagemem::model
