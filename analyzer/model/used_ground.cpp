// SPDX-License-Identifier: Apache-2.0
#include "model/used_ground.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace sagemem::model {

void UsedGround::add(std::uint64_t address, std::uint64_t bytes) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t end = bytes > kMax - address ? kMax : address + bytes;
  if (bytes >= kPage) return add_range(address, end);
  // Counted: the last address may be the last there is.
  const std::uint64_t first = address / kStep;
  const std::uint64_t last = (std::max(end, address + 1) - 1) / kStep;
  for (std::uint64_t i = 0; i <= last - first; ++i) {
    const std::uint64_t at = (first + i) * kStep;
    Page& page = pages_[at / kPage];
    const std::uint64_t step = at % kPage / kStep;
    page[step / 64] |= std::uint64_t{1} << step % 64;
  }
}

void UsedGround::add_range(std::uint64_t start, std::uint64_t end) {
  auto next = ranges_.upper_bound(start);
  if (next != ranges_.begin()) {
    const auto before = std::prev(next);
    if (before->second >= end) return;
    if (before->second >= start) {
      start = before->first;
      next = before;
    }
  }
  while (next != ranges_.end() && next->first <= end) {
    end = std::max(end, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace_hint(next, start, end);
}

bool UsedGround::contains(std::uint64_t address) const {
  const auto range = ranges_.upper_bound(address);
  if (range != ranges_.begin() && address < std::prev(range)->second) {
    return true;
  }
  const auto page = pages_.find(address / kPage);
  if (page == pages_.end()) return false;
  const std::uint64_t step = address % kPage / kStep;
  return (page->second[step / 64] >> step % 64 & 1) != 0;
}

}  // namespace sagemem::model
