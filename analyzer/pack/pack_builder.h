// SPDX-License-Identifier: Apache-2.0
//
// Segments to one pack, see sagemem/trace/format.h; mirror of
// decode/pack_index and decode/pack_reader.
//
// Many segments go into one zstd frame, because a segment alone is too short
// to compress well: on a program that allocates in a loop four times as well.
// The bound on it is what damage costs, and what a reader keeps in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sagemem/trace/format.h"

// Of zstd.h, which stays out of what others include.
struct ZSTD_CCtx_s;

namespace sagemem::pack {

class PackBuilder {
 public:
  // `level`: of zstd.
  explicit PackBuilder(int level);
  PackBuilder(const PackBuilder&) = delete;
  PackBuilder& operator=(const PackBuilder&) = delete;
  ~PackBuilder();

  [[nodiscard]] bool empty() const { return table_.empty(); }
  [[nodiscard]] bool has_room(std::size_t record_bytes) const {
    return table_.size() < trace::kMaxPackSegments &&
           record_bytes <= trace::kMaxPackContent - content_.size();
  }
  // Only when there is room.  `records` may be fewer than committed: a segment
  // that was cut short.
  void add(const trace::SegmentHeader& header,
           std::span<const std::uint8_t> records);

  // The pack, valid until the next call; the builder is empty then.  Throws
  // std::bad_alloc.
  std::span<const std::uint8_t> finish();

 private:
  int level_;
  ZSTD_CCtx_s* context_;
  std::vector<trace::SegmentHeader> table_;
  std::vector<std::uint8_t> content_;
  std::vector<std::uint8_t> pack_;
};

}  // namespace sagemem::pack
