// SPDX-License-Identifier: Apache-2.0
//
// What was live at a moment of the run, and what became of blocks between two.
//
//            A                     B
//   --o======|=====o               |        released      (was there, went)
//            |   o=================|===o    kept          (came, stayed)
//            |       o=======o     |        passed through
//
// A moment lies between two events.  A time is behind all events up to it, the
// peak right behind the allocation that made it, a scope's begin and end right
// behind their own events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/block_query.h"
#include "analysis/breakdown.h"
#include "analysis/lifetimes.h"

namespace sagemem::analysis {

struct Moment {
  enum class Kind : std::uint8_t { Time, Peak, End, ScopeBegin, ScopeEnd };

  Kind kind = Kind::End;
  std::int64_t time_ns = 0;  // Time
  ScopeName scope;           // ScopeBegin, ScopeEnd; the first of this number
};

// "1.5s", "peak", "end", "scope:forest=812", "scope:forest=812:begin".
[[nodiscard]] std::optional<Moment> parse_moment(const std::string& text);

// By StackId; a stack beyond has nothing.
using StackAmounts = std::vector<Amount>;

struct LiveAt {
  bool is_there = false;  // else there is no such scope, or it never closed
  std::int64_t time_ns = 0;
  Amount total;
  StackAmounts stacks;
};

[[nodiscard]] LiveAt find_live_at(const Moment& moment,
                                  const model::Profile& profile,
                                  const ReplayAgain& replay);

struct Between {
  LiveAt from;  // without the stacks
  LiveAt to;
  bool is_reversed = false;  // B comes before A: there is nothing between them
  Amount kept_total;
  Amount released_total;
  Amount passed_total;
  StackAmounts kept;
  StackAmounts released;
  StackAmounts passed;
};

[[nodiscard]] Between find_between(const Moment& from, const Moment& to,
                                   const model::Profile& profile,
                                   const ReplayAgain& replay);

// The profile as reports on what is live at the end take it, with these blocks
// in the place of those.
[[nodiscard]] model::Profile with_live(const model::Profile& profile,
                                       const StackAmounts& stacks,
                                       const Amount& total);

}  // namespace sagemem::analysis
