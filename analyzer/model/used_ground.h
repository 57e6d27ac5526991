// SPDX-License-Identifier: Apache-2.0
//
// Where blocks have ever been, in steps of 16 bytes: what lies there and in no
// live block is the allocator's free memory, and its old bytes mean nothing.
//
// Small blocks are bits, a page at a time; large ones are ranges, which grow
// together.  So memory stays in proportion to the trace, whatever sizes it
// claims.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <cstdint>
#include <map>

namespace sagemem::model {

class UsedGround {
 public:
  void add(std::uint64_t address, std::uint64_t bytes);
  [[nodiscard]] bool contains(std::uint64_t address) const;

 private:
  static constexpr std::uint64_t kStep = 16;
  static constexpr std::uint64_t kPage = 4096;
  using Page = std::array<std::uint64_t, kPage / kStep / 64>;

  void add_range(std::uint64_t start, std::uint64_t end);

  tsl::robin_map<std::uint64_t, Page> pages_;      // by number
  std::map<std::uint64_t, std::uint64_t> ranges_;  // start to end, apart
};

}  // namespace sagemem::model
