// SPDX-License-Identifier: Apache-2.0
//
// How long blocks lived: in time, and in bytes that were allocated meanwhile,
// which is what a heap knows as time and is the same in every run.
//
//   lived    <1 us   1-10 us   ..   10-100 s   never released
//   blocks   4,120     1,992             200              12
//
// Times fall into decades, bytes into factors of 16.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/breakdown.h"
#include "analysis/sites.h"

namespace sagemem::analysis {

struct Amount {
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;

  void add(std::uint64_t size) {
    ++blocks;
    bytes += size;
  }
};

struct Lifetimes {
  // Decade d: up to 10^d ns, and above the one before; the last has no end.
  static constexpr std::size_t kFirstDecade = 3;  // below a microsecond
  static constexpr std::size_t kTimes = 10;
  // Class b: below 16^b KiB; the last has no end.
  static constexpr std::size_t kBytes = 8;

  std::array<Amount, kTimes> by_time{};
  std::array<Amount, kBytes> by_bytes{};
  Amount unreleased;

  // The first time, or number of bytes, that is beyond a class; 0: no end.
  [[nodiscard]] static std::uint64_t time_end_ns(std::size_t index);
  [[nodiscard]] static std::uint64_t bytes_end(std::size_t index);
};

struct SiteLifetimes {
  std::uint32_t site = 0;  // index into SiteTable::sites
  Lifetimes lives;
};

struct LifetimeTable {
  Lifetimes all;
  std::vector<Lifetimes> sites;  // by site; empty unless asked for
};

[[nodiscard]] LifetimeTable find_lifetimes(const SiteTable& sites, bool by_site,
                                           const ReplayAgain& replay);

}  // namespace sagemem::analysis
