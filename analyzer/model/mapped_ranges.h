// SPDX-License-Identifier: Apache-2.0
//
// Address space that the program took with mmap and brk and still holds: a set
// of disjoint ranges.  munmap may cut any part out of it, and mmap with
// MAP_FIXED replaces what was there.
//
//   map [0,8)  unmap [2,3)  map [6,9)      held [0,2) [3,9)
#pragma once

#include <cstdint>
#include <map>

#include "model/profile.h"

namespace sagemem::model {

class MappedRanges {
 public:
  void map(std::uint64_t address, std::uint64_t size);
  void unmap(std::uint64_t address, std::uint64_t size);

  [[nodiscard]] const MappedUse& use() const { return use_; }

 private:
  void cut(std::uint64_t start, std::uint64_t end);

  std::map<std::uint64_t, std::uint64_t> ranges_;  // start to end
  MappedUse use_;
};

}  // namespace sagemem::model
