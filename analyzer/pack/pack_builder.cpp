// SPDX-License-Identifier: Apache-2.0
#include "pack/pack_builder.h"

#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <new>

namespace sagemem::pack {
namespace {

using trace::PackHeader;
using trace::SegmentHeader;

constexpr std::size_t kUncovered =
    offsetof(PackHeader, head_checksum) + sizeof(PackHeader::head_checksum);

// The largest pack is within the bound: content that does not compress grows
// by 0.4 % and a little.
static_assert(ZSTD_COMPRESSBOUND(trace::kMaxPackContent) + sizeof(PackHeader) +
                  trace::kMaxPackSegments * sizeof(SegmentHeader) <=
              trace::kMaxPackBytes);

}  // namespace

PackBuilder::PackBuilder(int level)
    : level_(level), context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}

PackBuilder::~PackBuilder() {
  ZSTD_freeCCtx(context_);
}

void PackBuilder::add(const SegmentHeader& header,
                      std::span<const std::uint8_t> records) {
  table_.push_back(header);
  table_.back().stored = static_cast<std::uint32_t>(records.size());
  content_.insert(content_.end(), records.begin(), records.end());
}

std::span<const std::uint8_t> PackBuilder::finish() {
  const std::size_t table_bytes = table_.size() * sizeof(SegmentHeader);
  const std::size_t head_bytes = sizeof(PackHeader) + table_bytes;
  pack_.resize(head_bytes + ZSTD_compressBound(content_.size()));
  std::uint8_t* const frame = pack_.data() + head_bytes;
  const std::size_t frame_bytes =
      ZSTD_compressCCtx(context_, frame, pack_.size() - head_bytes,
                        content_.data(), content_.size(), level_);
  // With room for the worst case only memory can be short.
  if (ZSTD_isError(frame_bytes) != 0) throw std::bad_alloc();
  pack_.resize(head_bytes + frame_bytes);

  PackHeader header{};
  header.magic = trace::kPackMagic;
  header.segments = static_cast<std::uint32_t>(table_.size());
  header.bytes = static_cast<std::uint32_t>(pack_.size());
  header.content_bytes = static_cast<std::uint32_t>(content_.size());
  header.checksum = XXH3_64bits(frame, frame_bytes);
  std::memcpy(pack_.data(), &header, sizeof header);
  if (table_bytes != 0) {
    std::memcpy(pack_.data() + sizeof header, table_.data(), table_bytes);
  }
  header.head_checksum =
      XXH3_64bits(pack_.data() + kUncovered, head_bytes - kUncovered);
  std::memcpy(pack_.data(), &header, sizeof header);
  table_.clear();
  content_.clear();
  return pack_;
}

}  // namespace sagemem::pack
