// SPDX-License-Identifier: Apache-2.0
//
// An allocator like the one of glibc 2.36, see its malloc/malloc.c: chunks of
// 16-byte granularity with an 8-byte header, in one heap that grows at its top.
//
//   | chunk | free | chunk | chunk |       top        |
//   0                                              end of the heap
//
// Small chunks that are released wait for their like, seven of each size and
// then, up to 128 bytes, any number, and are not merged with their neighbours;
// all others are, and are found again by best fit.  Large blocks are mappings
// of their own; the threshold for that goes up when one is released.  A large
// top is given back.
//
// Not the same: there is one arena, whatever the threads; alignment is not
// looked at; of several chunks of a size the lowest is taken.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "analysis/allocator_model.h"

namespace sagemem::analysis {

class GlibcModel : public AllocatorModel {
 public:
  Place allocate(std::uint64_t size) override;
  void release(const Place& place) override;
  Place resize(const Place& place, std::uint64_t size) override;

  // For the tests: chunks that cover the heap without gap or overlap.
  [[nodiscard]] std::uint64_t heap_bytes() const { return end_; }
  [[nodiscard]] std::uint64_t top_bytes() const { return end_ - top_; }
  [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }

 private:
  static constexpr std::uint64_t kGranule = 16;
  static constexpr std::uint64_t kHeader = 8;
  static constexpr std::uint64_t kLeastChunk = 32;
  static constexpr std::uint64_t kMostCached = 1040;
  static constexpr std::size_t kCachedOfSize = 7;
  static constexpr std::uint64_t kMostFast = 128;
  static constexpr std::uint64_t kLeastLarge = 1024;
  static constexpr std::uint64_t kMergeAllFrom = 64 * 1024;
  static constexpr std::uint64_t kTopPad = 128 * 1024;
  static constexpr std::uint64_t kMostThreshold = 32 << 20;
  // Addresses of mappings of their own.
  static constexpr std::uint64_t kMapped = std::uint64_t{1} << 63;
  // A block that no machine can have, from a damaged trace.
  static constexpr std::uint64_t kImpossible = std::uint64_t{1} << 60;

  using Bin = std::vector<std::uint64_t>;  // addresses of chunks of one size

  [[nodiscard]] static std::uint64_t chunk_bytes(std::uint64_t size);
  Place map(std::uint64_t size);
  bool take_waiting(std::uint64_t bytes, Place& place);
  bool take_best(std::uint64_t bytes, Place& place);
  Place take_top(std::uint64_t bytes);
  void merge(std::uint64_t address, std::uint64_t bytes);
  void merge_waiting();
  void trim();
  void insert(std::uint64_t address, std::uint64_t bytes);
  void remove(std::uint64_t address, std::uint64_t bytes);
  Place split(const Place& place, std::uint64_t bytes);

  std::array<Bin, kMostCached / kGranule + 1> cached_;
  std::array<Bin, kMostFast / kGranule + 1> fast_;
  bool has_fast_ = false;
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_size_;  // and address
  tsl::robin_map<std::uint64_t, std::uint64_t> bytes_at_;      // free, by start
  tsl::robin_map<std::uint64_t, std::uint64_t> start_of_;      // and by end
  std::uint64_t top_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t free_bytes_ = 0;  // in chunks, waiting ones included
  std::uint64_t map_threshold_ = 128 * 1024;
  std::uint64_t trim_threshold_ = 128 * 1024;
};

}  // namespace sagemem::analysis
