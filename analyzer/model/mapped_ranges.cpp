// SPDX-License-Identifier: Apache-2.0
#include "model/mapped_ranges.h"

#include <algorithm>
#include <iterator>

namespace sagemem::model {
namespace {

// A claim of the file may reach beyond the end of the address space.
std::uint64_t end_of(std::uint64_t address, std::uint64_t size) {
  return address + std::min(size, ~std::uint64_t{0} - address);
}

}  // namespace

void MappedRanges::map(std::uint64_t address, std::uint64_t size) {
  ++use_.maps;
  use_.bytes_mapped += size;
  std::uint64_t start = address;
  std::uint64_t end = end_of(address, size);
  if (start == end) return;
  cut(start, end);
  use_.live_bytes += end - start;
  use_.peak_bytes = std::max(use_.peak_bytes, use_.live_bytes);
  // Neighbours become one: a heap grown by brk stays one range.
  auto after = ranges_.lower_bound(end);
  if (after != ranges_.end() && after->first == end) {
    end = after->second;
    after = ranges_.erase(after);
  }
  if (after != ranges_.begin()) {
    const auto before = std::prev(after);
    if (before->second == start) {
      before->second = end;
      return;
    }
  }
  ranges_.emplace(start, end);
}

void MappedRanges::unmap(std::uint64_t address, std::uint64_t size) {
  ++use_.unmaps;
  cut(address, end_of(address, size));
}

void MappedRanges::cut(std::uint64_t start, std::uint64_t end) {
  if (start == end) return;
  auto range = ranges_.upper_bound(start);
  if (range != ranges_.begin()) --range;  // the one that may reach into it
  while (range != ranges_.end() && range->first < end) {
    const auto [first, last] = *range;
    if (last <= start) {
      ++range;
      continue;
    }
    range = ranges_.erase(range);
    use_.live_bytes -= std::min(last, end) - std::max(first, start);
    if (first < start) ranges_.emplace(first, start);
    if (last > end) range = ranges_.emplace(end, last).first;
  }
}

}  // namespace sagemem::model
