// SPDX-License-Identifier: Apache-2.0
//
// Every block of a random program with all that ever happened to it, so that
// any question can be answered the obvious way: by going through all of them,
// at every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "random_program.h"
#include "slow_scopes.h"

namespace sagemem::test {

struct SlowLife {
  std::uint64_t size = 0;
  Stack stack;
  std::uint32_t writer = 0;
  std::set<std::size_t> scopes;  // that it was born in, by index
  std::size_t born = 0;          // index of the step
  std::uint64_t born_ticks = 0;
  bool is_from_realloc = false;
  // The step that ended it; absent: none did.
  std::optional<std::size_t> died;
  std::uint64_t died_ticks = 0;
  std::optional<std::uint32_t> freed_by;  // absent: nobody is known to have
  bool is_temporary = false;

  // Whether it is live right after a step.
  [[nodiscard]] bool is_live(std::size_t step) const {
    return born <= step && (!died || step < *died);
  }
};

struct SlowHistory {
  std::vector<SlowLife> lives;  // in order of birth
  std::size_t steps = 0;

  // Those that are chosen.
  [[nodiscard]] SlowHistory select(
      const std::function<bool(const SlowLife&)>& chooses) const;
  // Of what is live right after a step.
  [[nodiscard]] SlowAmount live(std::size_t step) const;
  // The first step after which most bytes are live; absent: none ever are.
  [[nodiscard]] std::optional<std::size_t> peak() const;
};

SlowHistory write_history(const std::vector<Step>& steps,
                          const SlowScopes& scopes);

}  // namespace sagemem::test
