// SPDX-License-Identifier: Apache-2.0
//
// Which unit or function covers an address: the ranges of many DWARF entries,
// sorted.  Ranges do not overlap, but in hostile files.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace sagemem::symbolize {

class AddressRanges {
 public:
  // The code of `entry`, known by `owner` from now on.
  void add(Dwarf_Die& entry, std::uint32_t owner);

  // To be called between the last add() and the first find().
  void sort();

  [[nodiscard]] std::optional<std::uint32_t> find(Dwarf_Addr pc) const;

 private:
  struct Range {
    Dwarf_Addr low;
    Dwarf_Addr high;  // one past the last
    std::uint32_t owner;
  };

  std::vector<Range> ranges_;
};

}  // namespace sagemem::symbolize
