// SPDX-License-Identifier: Apache-2.0
//
// glibc's own pointers to its free memory, which are to be passed over: a free
// chunk begins in the last word of the block before it (malloc(24) may use all
// of 24 bytes), so that every one of them would be a pointer into a block that
// may well be lost.
//
//   malloc_state (glibc, malloc/malloc.c)
//     +0     mutex, flags, have_fastchunks
//     +16    fastbins[10]
//     +96    top, last_remainder
//     +112   bins[254]     pairs; an empty one points to itself, less 16 bytes
//     +2144  binmap
//     +2160  next          the next arena, in a ring
//
// It has no symbol that a stripped library would keep, and is known by its
// bins: most are always empty.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem {

struct WordRange {
  std::size_t first;  // indices
  std::size_t end;
};

// In `words`, which stand at `address`.  Nothing found: an empty range.
inline WordRange find_malloc_state(const std::uint64_t* words,
                                   std::size_t count,
                                   std::uint64_t address) noexcept {
  constexpr std::size_t kBins = 254;
  constexpr std::size_t kBeforeBins = 14;
  constexpr std::size_t kToNext = kBins + 2;
  constexpr std::size_t kLeastEmpty = 32;
  constexpr std::uint64_t kWord = sizeof(std::uint64_t);
  constexpr std::uint64_t kArenaMask = (std::uint64_t{64} << 20) - 1;
  const auto is_empty_bin = [&](std::size_t i) noexcept {
    const std::uint64_t self = address + i * kWord - 2 * kWord;
    return words[i] == self && words[i + 1] == self;
  };
  std::size_t empty = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (!is_empty_bin(i)) continue;
    if (empty == 0 || i - first >= kBins) {
      first = i;
      empty = 0;
    }
    last = i;
    ++empty;
    ++i;
  }
  if (empty < kLeastEmpty) return {0, 0};
  // Which bin the first empty one is, the ring of arenas tells.
  std::size_t bins = last + 2 > kBins ? last + 2 - kBins : 0;
  bins += (first - bins) % 2;
  for (; bins <= first; bins += 2) {
    if (bins < kBeforeBins || bins + kToNext >= count) continue;
    const std::size_t start = bins - kBeforeBins;
    const std::uint64_t next = words[bins + kToNext];
    const std::uint64_t offset = next & kArenaMask;
    if (next == address + start * kWord || offset == 0x20 || offset == 0x30) {
      return {start, bins + kBins};
    }
  }
  // Not this layout: all that the bins may reach.
  return {first > kBeforeBins ? first - kBeforeBins : 0, last + 2};
}

}  // namespace sagemem
