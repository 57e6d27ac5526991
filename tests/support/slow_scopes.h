// SPDX-License-Identifier: Apache-2.0
//
// What a replay must find of scopes and labels, computed the obvious way: each
// block has the set of its scopes, and after every step all blocks are added
// up.  To compare model/ with on random programs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "random_program.h"

namespace sagemem::test {

struct SlowAmount {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;

  friend bool operator==(const SlowAmount&, const SlowAmount&) = default;
};
using SlowAmounts = std::map<Stack, SlowAmount>;

enum class SlowEnding { Open, Closed, Abandoned, ByOuter };

struct SlowScope {
  std::uint64_t rule = 0;
  std::uint32_t writer = 0;
  bool is_process_wide = false;
  std::optional<std::size_t> outer;
  SlowEnding ending = SlowEnding::Open;
  std::uint64_t begin_ticks = 0;
  std::uint64_t end_ticks = 0;
  std::map<std::string, std::int64_t> captured;
  std::uint64_t peak_bytes = 0;
  std::uint64_t total_peak_bytes = 0;
  std::uint64_t floor_bytes = 0;
  SlowAmount allocated;
  SlowAmount live;  // at the end
  SlowAmounts at_peak;
  SlowAmounts escaped;
  SlowAmounts never_released;  // of the escaped
};

struct SlowLabel {
  SlowAmount allocated;
  SlowAmount live;
  SlowAmount at_peak;
  std::uint64_t own_peak_bytes = 0;
};

struct SlowScopes {
  std::vector<SlowScope> scopes;  // in order of their begins
  std::map<std::pair<std::uint64_t, std::int64_t>, SlowLabel> labels;
  std::uint64_t unmatched_ends = 0;
  std::uint64_t unmatched_notes = 0;
};

SlowScopes run_scopes_slowly(const std::vector<Step>& steps);

}  // namespace sagemem::test
