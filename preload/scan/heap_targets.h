// SPDX-License-Identifier: Apache-2.0
//
// Where blocks may be: a word that leads there may be a pointer to one, all
// others are left out of the trace.  Sorted ranges, mostly a few, of which the
// one that was hit last is looked at first.
//
// An allocator may have its memory from anywhere, and a program may take away
// the right to touch it: a block that is left out here would be called lost.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/pages.h"
#include "scan/memory_map.h"

namespace sagemem {

class HeapTargets {
 public:
  HeapTargets() noexcept = default;
  ~HeapTargets() { give_pages(ranges_, bytes_); }
  HeapTargets(const HeapTargets&) = delete;
  HeapTargets& operator=(const HeapTargets&) = delete;

  // False: no memory.
  bool collect(const MemoryMap& map) noexcept {
    bytes_ = static_cast<std::size_t>(map.end() - map.begin()) * sizeof(Range);
    ranges_ = static_cast<Range*>(take_pages(bytes_));
    if (ranges_ == nullptr) return false;
    for (const Region& region : map) {
      const bool has_file = region.kind == trace::RegionKind::File ||
                            region.kind == trace::RegionKind::Shared;
      if (region.kind == trace::RegionKind::Stack || region.is_special ||
          (has_file && !region.is_writable)) {
        continue;
      }
      if (count_ != 0 && ranges_[count_ - 1].end == region.start) {
        ranges_[count_ - 1].end = region.end;
      } else {
        ranges_[count_++] = {region.start, region.end};
      }
    }
    if (count_ == 0) return true;
    lowest_ = ranges_[0].start;
    span_ = ranges_[count_ - 1].end - lowest_;
    return true;
  }

  [[nodiscard]] bool contains(std::uint64_t value) noexcept {
    if (value - lowest_ >= span_) return false;
    if (value - last_.start < last_.end - last_.start) return true;
    return search(value);
  }

 private:
  struct Range {
    std::uint64_t start;
    std::uint64_t end;
  };

  bool search(std::uint64_t value) noexcept {
    std::size_t from = 0;
    std::size_t to = count_;
    while (from < to) {
      const std::size_t middle = from + (to - from) / 2;
      if (ranges_[middle].end <= value) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    if (from == count_ || ranges_[from].start > value) return false;
    last_ = ranges_[from];
    return true;
  }

  Range* ranges_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
  std::uint64_t lowest_ = 0;
  std::uint64_t span_ = 0;
  Range last_{};
};

}  // namespace sagemem
