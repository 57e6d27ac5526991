// SPDX-License-Identifier: Apache-2.0
//
// The content of packs.  The merge of the writers asks for the segments of one
// pack at different times, so the last few contents are kept:
//
//   pack 0   w1#0 w2#0 w1#1        <- w2 is slow: asks for #0 when w1 is at #1
//   pack 1   w1#2 w1#3 w3#0
//
// Hazard: sizes are claims.  They have been held against the bounds of the
// format by the index, and memory is taken only for bytes that are there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/pack_index.h"

namespace sagemem::decode {

class PackReader {
 public:
  // `source` must outlive the reader.
  explicit PackReader(const ByteSource& source) : source_(source) {}

  // The content of `pack`, whose number among the packs is `number`; valid
  // until the next call.  Empty when the pack is damaged or cut.
  std::span<const std::uint8_t> content(const Pack& pack, std::uint32_t number);

 private:
  struct Entry {
    std::uint32_t number = ~std::uint32_t{0};
    std::uint64_t used = 0;  // a count of calls
    std::vector<std::uint8_t> content;
  };
  void load(const Pack& pack, Entry& entry);

  // Large enough for a pack for each of some writers that are not in step, and
  // 32 MiB at most.
  static constexpr std::size_t kEntries = 8;

  const ByteSource& source_;
  std::vector<Entry> entries_;
  std::vector<std::uint8_t> frame_;
  std::uint64_t calls_ = 0;
};

}  // namespace sagemem::decode
