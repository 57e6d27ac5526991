// SPDX-License-Identifier: Apache-2.0
//
// A random program with its trace, its history and names for its code, replayed
// with a random filter: what the tests of questions about blocks have in
// common.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "analysis/block_query.h"
#include "analysis/breakdown.h"
#include "model/replay.h"
#include "random_program.h"
#include "slow_history.h"
#include "trace_builder.h"

namespace sagemem::test {

// What the code at a program counter is called; names of wrappers begin with
// "wrap".
[[nodiscard]] bool is_wrapper(std::uint64_t pc);
[[nodiscard]] std::string module_of(std::uint64_t pc);
[[nodiscard]] std::string function_of(std::uint64_t pc);
// The innermost frame that is no wrapper, else the outermost; 0: no stack.
[[nodiscard]] std::uint64_t site_of(const Stack& stack);

struct Case {
  explicit Case(std::uint64_t seed);

  std::vector<Step> steps;
  std::vector<std::uint8_t> bytes;
  SlowScopes scopes;
  SlowHistory history;
};

// Outermost first, as steps have it.
[[nodiscard]] Stack stack_of(const model::Profile& profile, model::StackId id);

// The trace of a case, with names, of the blocks that a query chooses.
struct Replayed {
  Replayed(const Case& one, const analysis::BlockQuery& query);
  Replayed(const Replayed&) = delete;
  Replayed& operator=(const Replayed&) = delete;

  decode::TraceFile file;
  model::Profile whole;
  symbolize::Symbolizer symbols;
  symbolize::SourceText sources{0};
  analysis::SiteTable sites;
  model::BlockFilter filter;
  model::Profile profile;
  analysis::ReplayAgain replay;
};

[[nodiscard]] analysis::BlockQuery random_query(const Case& one,
                                                Random& random);
// Whether it is one of them, by the obvious way.
[[nodiscard]] bool chooses(const Case& one, const analysis::BlockQuery& query,
                           const SlowLife& life);
// The process-wide scopes of a number: what was captured, or how many began
// before.
[[nodiscard]] std::set<std::size_t> scopes_of(const Case& one,
                                              const analysis::ScopeName& name);

}  // namespace sagemem::test
