// SPDX-License-Identifier: Apache-2.0
//
// A trace of many forests, to measure the report on scopes with: each has a
// number, its halos, a scope within, a few blocks, and one in a thousand leaves
// one behind.
//
//   make_scopes FORESTS FILE
//   /usr/bin/time -v sagemem-report scopes FILE
#include <cstdio>
#include <cstdlib>

#include "random_program.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::Stack;

constexpr std::uint64_t kForest = 1;
constexpr std::uint64_t kHalos = 2;
constexpr std::uint64_t kSnapshot = 3;

const Stack kLoad{0x400010, 0x400020};
const Stack kBuild{0x400010, 0x400030};
const Stack kLeak{0x400010, 0x400040};

void describe_rules(test::TraceBuilder& trace) {
  using trace::RuleUse;
  trace.scope_rule(0,
                   {kForest, RuleUse::Scope, 0, "forest", {{"number", false}}});
  trace.scope_rule(0, {kHalos, RuleUse::Note, 0, "nhalos", {}});
  trace.scope_rule(0, {kSnapshot, RuleUse::Scope, 0, "snapshot", {}});
}

void add_forest(test::TraceBuilder& trace, std::uint64_t number,
                test::Random& random) {
  const std::uint64_t start = 1000 * (number + 1);
  const std::uint64_t halos = 10 + random.below(1000);
  const auto value = static_cast<std::int64_t>(number);
  trace.scope_begin(1, start, kForest, {value});
  trace.note(1, start + 1, kHalos, {static_cast<std::int64_t>(halos)});
  trace.alloc(1, start + 2, 104 * halos, 0x100000, kLoad);
  trace.scope_begin(1, start + 3, kSnapshot);
  trace.alloc(1, start + 4, 8 * halos, 0x200000, kBuild);
  trace.realloc_begin(1, start + 5, 0x200000);
  trace.realloc_end(1, start + 6, 16 * halos, 0x300000, kBuild);
  trace.free(1, start + 7, 0x300000);
  trace.scope_end(1, start + 8, kSnapshot);
  if (number % 1000 == 7) {
    trace.alloc(1, start + 9, 4096, 0x10000000 + 0x1000 * number, kLeak);
  }
  trace.free(1, start + 10, 0x100000);
  trace.scope_end(1, start + 11, kForest);
  if (number % 100 == 0) trace.resident(start + 12, 50'000'000 + number);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_scopes FORESTS FILE\n");
    return 2;
  }
  const std::uint64_t forests = std::strtoull(argv[1], nullptr, 10);
  test::TraceBuilder trace;
  test::Random random(1);
  describe_rules(trace);
  for (std::uint64_t i = 0; i < forests; ++i) add_forest(trace, i, random);
  trace.write(argv[2]);
  return 0;
}
