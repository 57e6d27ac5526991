// SPDX-License-Identifier: Apache-2.0
#include "decode/pack_index.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace sagemem::decode {
namespace {

using trace::PackHeader;
using trace::SegmentHeader;

// What the checksum of the head does not cover.
constexpr std::size_t kUncovered =
    offsetof(PackHeader, head_checksum) + sizeof(PackHeader::head_checksum);

// Header and table of the largest pack.
using Head =
    std::array<std::uint8_t, sizeof(PackHeader) + trace::kMaxPackSegments *
                                                      sizeof(SegmentHeader)>;

bool is_plausible(const PackHeader& header) {
  return header.magic == trace::kPackMagic && header.segments != 0 &&
         header.segments <= trace::kMaxPackSegments &&
         header.content_bytes <= trace::kMaxPackContent &&
         header.bytes <= trace::kMaxPackBytes &&
         header.bytes >=
             sizeof header + header.segments * sizeof(SegmentHeader);
}

class Walk {
 public:
  Walk(const ByteSource& source, const trace::FileHeader& file)
      : source_(source),
        claimed_(file.packed_bytes),
        end_(std::min(source.size(), file.packed_bytes)) {}

  PackIndex run() && {
    std::uint64_t offset = trace::kHeaderBytes;
    while (offset < end_) offset = visit(offset);
    if (end_ < claimed_) ++index_.missing;
    return std::move(index_);
  }

 private:
  // Returns where to look next.
  std::uint64_t visit(std::uint64_t offset) {
    Pack pack;
    pack.offset = offset;
    if (!read_head(pack) || !add_segments(pack)) {
      if (!in_garbage_) ++index_.missing;
      in_garbage_ = true;
      return offset + trace::kPackAlignment;
    }
    in_garbage_ = false;
    index_.packs.push_back(pack);
    constexpr std::uint64_t mask = trace::kPackAlignment - 1;
    return (offset + pack.header.bytes + mask) & ~mask;
  }

  // Header and table into head_; false when they are not intact.
  bool read_head(Pack& pack) {
    PackHeader& header = pack.header;
    std::uint8_t* const start = head_.data();
    if (source_.read(pack.offset, {start, sizeof header}) != sizeof header) {
      return false;
    }
    std::memcpy(&header, start, sizeof header);
    if (!is_plausible(header)) return false;
    const std::size_t table = header.segments * sizeof(SegmentHeader);
    return source_.read(pack.offset + sizeof header,
                        {start + sizeof header, table}) == table &&
           XXH3_64bits(start + kUncovered,
                       sizeof header + table - kUncovered) ==
               header.head_checksum;
  }

  // False when the table does not account for the content.
  bool add_segments(const Pack& pack) {
    const std::size_t before = index_.segments.size();
    std::uint64_t position = 0;
    for (std::uint32_t i = 0; i < pack.header.segments; ++i) {
      PackedSegment segment;
      std::memcpy(&segment.header,
                  head_.data() + sizeof pack.header + i * sizeof segment.header,
                  sizeof segment.header);
      segment.pack = static_cast<std::uint32_t>(index_.packs.size());
      segment.position = static_cast<std::uint32_t>(position);
      position += segment.header.stored;
      if (segment.header.magic != trace::kSegmentMagic) position = UINT32_MAX;
      if (position > pack.header.content_bytes) break;
      index_.segments.push_back(segment);
    }
    if (position == pack.header.content_bytes) return true;
    index_.segments.resize(before);
    return false;
  }

  const ByteSource& source_;
  std::uint64_t claimed_;
  std::uint64_t end_;
  PackIndex index_;
  Head head_{};
  bool in_garbage_ = false;
};

}  // namespace

PackIndex index_packs(const ByteSource& source,
                      const trace::FileHeader& header) {
  return Walk(source, header).run();
}

}  // namespace sagemem::decode
