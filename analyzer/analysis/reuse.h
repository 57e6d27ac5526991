// SPDX-License-Identifier: Apache-2.0
//
// What another way to allocate would save: blocks of one size could come from
// a pool, blocks that all go with their scope from an arena.
//
//   census        which sites have one size, or one lifetime
//   simulation    the trace through models of allocators, all blocks and
//                 moments: as it is now, with a slab allocator for everything,
//                 and with a pool or an arena for some sites
//
// Savings are differences between models.  How far the model of the present
// allocator is from what was measured is told with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/sites.h"
#include "model/profile.h"

namespace sagemem::analysis {

enum class ReuseKind { Pool, Arena };

// Sites that another allocator would do for.
struct ReuseChoice {
  ReuseKind kind = ReuseKind::Pool;
  std::vector<std::uint32_t> sites;  // indices into SiteTable::sites
  std::uint64_t block_bytes = 0;     // Pool
  std::string scope;                 // Arena: the name of its scopes
  std::uint64_t blocks = 0;          // that were ever born
  std::uint64_t bytes = 0;           // of them
};

// A moment of one allocator: the highest.
struct Held {
  std::uint64_t bytes = 0;  // from the system
  std::uint64_t live_bytes = 0;

  // The share that is in no block: headers, rounding, holes, spare.
  [[nodiscard]] double fragmentation() const {
    return bytes == 0 ? 0
                      : 1 - static_cast<double>(live_bytes) /
                                static_cast<double>(bytes);
  }
};

struct ReuseResult {
  ReuseChoice choice;
  Held held;  // of the whole program
  // Calls for these blocks: allocations and releases now, and what remains.
  std::uint64_t calls_now = 0;
  std::uint64_t calls_then = 0;
};

// The model of the present allocator beside the resident set where that was
// largest, less what there was beside the heap at the first sample.
struct ModelError {
  std::size_t samples = 0;  // 0: none was taken
  std::uint64_t measured_bytes = 0;
  std::uint64_t modelled_bytes = 0;
  std::int64_t time_ns = 0;

  // Of the model, in parts of what was measured.
  [[nodiscard]] double share() const {
    return measured_bytes == 0 ? 0
                               : static_cast<double>(modelled_bytes) /
                                         static_cast<double>(measured_bytes) -
                                     1;
  }
};

struct Reuse {
  Held present;
  ModelError error;
  Held slab;
  std::vector<ReuseResult> results;  // most calls saved first
};

// Sites below both of these are left out.
inline constexpr double kReuseShareOfCalls = 0.01;
inline constexpr double kReuseShareOfBytes = 0.05;

[[nodiscard]] std::vector<ReuseChoice> find_reuse_choices(
    const model::Profile& profile, const SiteTable& sites,
    const ReplayAgain& replay);

// Models each of them: a replay for every few.
[[nodiscard]] Reuse simulate_reuse(const model::Profile& profile,
                                   const SiteTable& sites,
                                   const std::vector<ReuseChoice>& choices,
                                   const ReplayAgain& replay);

}  // namespace sagemem::analysis
