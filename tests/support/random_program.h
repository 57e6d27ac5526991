// SPDX-License-Identifier: Apache-2.0
//
// Programs that never existed: threads that allocate, free each other's blocks
// and reallocate, on an allocator that hands addresses out again at once, as
// real ones do, also those of a realloc that has not returned yet.
//
// The steps come in the order in which they happened.  The same seed gives the
// same program on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "trace_builder.h"

namespace sagemem::test {

// xorshift64*: the generators of <random> are portable, its distributions not.
class Random {
 public:
  explicit Random(std::uint64_t seed)
      : state_(seed * 0x9e3779b97f4a7c15 + 0x1234567) {}

  std::uint64_t next();
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

struct Step {
  trace::Kind kind = trace::Kind::None;
  std::uint32_t writer = 0;
  std::uint64_t ticks = 0;
  std::uint64_t size = 0;
  std::uint64_t address = 0;
  Stack stack;
  trace::Api api = trace::Api::Unknown;
  // Scopes, labels and notes.
  std::uint64_t rule = 0;
  std::vector<std::int64_t> values;
  bool has_flag = false;  // process-wide or abandoned
};

// The rules that random programs with scopes follow.
inline constexpr std::uint64_t kNumberedRule = 1;  // captures its number
inline constexpr std::uint64_t kPlainRule = 2;
inline constexpr std::uint64_t kProcessRule = 3;
inline constexpr std::uint64_t kLabelRules[] = {4, 5};
inline constexpr std::uint64_t kNoteRule = 6;
// Where the functions of the rules of labels are.
inline constexpr std::uint64_t kLabelStarts[] = {0x400010, 0x400030};
inline constexpr std::uint64_t kLabelBytes = 0x30;

struct ProgramOptions {
  std::uint64_t seed = 1;
  std::size_t steps = 1000;
  std::uint32_t threads = 3;
  std::size_t max_live = 64;
  std::size_t max_depth = 8;
  unsigned branches = 3;     // callees of each function
  bool has_unknown = false;  // some releases of blocks that were never born
  bool has_scopes = false;
};

std::vector<Step> make_program(const ProgramOptions& options);

// What the trace says of the rules; their names may come last.
void append_probes(TraceBuilder& trace);
void append_rules(TraceBuilder& trace, std::uint64_t ticks);

// Writer n is thread n, tid 100 + n.
void append(const std::vector<Step>& steps, TraceBuilder& trace);

}  // namespace sagemem::test
