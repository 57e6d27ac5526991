// SPDX-License-Identifier: Apache-2.0
//
// Exceptions that pass through frames which allocate in their destructors.
#include <stdexcept>
#include <vector>

#include "support.h"

namespace {

constexpr int kRounds = 300;
constexpr int kDepth = 12;

[[gnu::noinline]] void cleanup() {
  free(keep(malloc(77)));
  keep(nullptr);
}

struct Cleanup {
  Cleanup() = default;
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  ~Cleanup() { cleanup(); }
};

[[gnu::noinline]] void throw_from(int depth) {
  const Cleanup cleanup;
  if (depth == 0) throw std::runtime_error("a text that is not short at all");
  throw_from(depth - 1);
}

[[gnu::noinline]] void recover() {
  free(keep(malloc(99)));
  keep(nullptr);
}

}  // namespace

int main() {
  for (int i = 0; i < kRounds; ++i) {
    try {
      throw_from(kDepth - 1);
    } catch (const std::exception&) {
      recover();
    }
  }
  say("cleanup=%d recover=%d\n", kRounds * kDepth, kRounds);
  return 0;
}
