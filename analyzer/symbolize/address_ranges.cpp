// SPDX-License-Identifier: Apache-2.0
#include "symbolize/address_ranges.h"

#include <algorithm>
#include <cstddef>

namespace sagemem::symbolize {
namespace {

// So many ranges that begin below an address are tried.
constexpr int kMaxOverlaps = 16;

}  // namespace

void AddressRanges::add(Dwarf_Die& entry, std::uint32_t owner) {
  Dwarf_Addr base = 0;
  Dwarf_Addr low = 0;
  Dwarf_Addr high = 0;
  std::ptrdiff_t offset = 0;
  while ((offset = dwarf_ranges(&entry, offset, &base, &low, &high)) > 0)
    if (low < high) ranges_.push_back({low, high, owner});
}

void AddressRanges::sort() {
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
    return a.low != b.low ? a.low < b.low : a.owner < b.owner;
  });
}

std::optional<std::uint32_t> AddressRanges::find(Dwarf_Addr pc) const {
  auto at = std::upper_bound(
      ranges_.begin(), ranges_.end(), pc,
      [](Dwarf_Addr value, const Range& range) { return value < range.low; });
  for (int i = 0; i < kMaxOverlaps && at != ranges_.begin(); ++i) {
    --at;
    if (pc < at->high) return at->owner;
  }
  return std::nullopt;
}

}  // namespace sagemem::symbolize
