// SPDX-License-Identifier: Apache-2.0
//
// What single reports are asked beyond their names: the options that only they
// have.  Plain data; cli/ fills it in, Subject carries it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/block_query.h"
#include "analysis/call_tree.h"
#include "analysis/moments.h"
#include "analysis/scope_groups.h"

namespace sagemem::report {

struct ScopeQuery {
  // Absent: by peak, or by what escaped where only that is shown.
  std::optional<analysis::ScopeOrder> order;
  std::string rule;                    // empty: the one with most scopes
  std::optional<std::int64_t> number;  // one scope in full
  bool escaped_only = false;
  // A size, by the name of what was captured, to say the peak of.
  std::string predict_key;
  std::optional<double> predict_size;
  std::optional<std::uint64_t> budget_bytes;  // for one process
  std::optional<std::uint64_t> node_bytes;
};

// Of `at`, which has one, and of `between`.
struct MomentQuery {
  analysis::Moment from;
  analysis::Moment to;
  std::string from_text;  // as it was asked for
  std::string to_text;
};

struct LeakQuery {
  std::vector<std::string> suppressions;  // files
  bool has_built_in = true;               // suppressions
  std::string write_to;  // what would suppress the rest; empty: nowhere
};

struct Query {
  ScopeQuery scopes;
  LeakQuery leaks;
  analysis::BlockQuery blocks;  // of every report on blocks
  MomentQuery moments;
  bool lifetimes_by_site = false;
  analysis::TreeQuery tree;
  double noise = 0.01;  // of diff: the share of a number that is no difference
};

}  // namespace sagemem::report
