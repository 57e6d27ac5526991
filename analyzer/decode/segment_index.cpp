// SPDX-License-Identifier: Apache-2.0
#include "decode/segment_index.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

namespace sagemem::decode {
namespace {

using trace::SegmentHeader;

constexpr std::uint32_t kFirstSegmentBytes =
    trace::kUnitBytes - trace::kHeaderBytes;

bool is_segment(const SegmentHeader& header, bool first) {
  if (header.magic != trace::kSegmentMagic) return false;
  if (first) return header.bytes == kFirstSegmentBytes;
  return header.bytes != 0 && header.bytes % trace::kUnitBytes == 0 &&
         header.bytes / trace::kUnitBytes <= trace::kMaxSegmentUnits;
}

Segment make_segment(const SegmentHeader& header) {
  Segment segment;
  segment.header = header;
  segment.sequence = header.sequence;
  segment.start_ticks = header.start_ticks;
  segment.start_monotonic_ns = header.start_monotonic_ns;
  segment.checksum = header.checksum;
  segment.committed = header.committed;
  segment.sealed = header.sealed != 0;
  segment.lost_allocs = header.lost_allocs;
  segment.lost_releases = header.lost_releases;
  return segment;
}

// A segment that has been packed and is still in its place.
bool is_same(const Segment& packed, const Segment& raw) {
  return packed.is_packed() && !raw.is_packed() &&
         packed.checksum == raw.checksum && packed.committed == raw.committed;
}

// Walks the units once, front to back.
class Walk {
 public:
  Walk(const ByteSource* source, const trace::FileHeader& file)
      : source_(source), file_(file) {}

  SegmentIndex run(PackIndex packs) && {
    // First, so that of a segment that is in both the packed one is kept: the
    // other is about to be punched out of the file.
    add_packed(std::move(packs));
    if (source_ != nullptr) {
      std::uint64_t offset = trace::kHeaderBytes;
      while (offset < source_->size()) offset = visit(offset);
      note_cut(offset);
    }
    order();
    return std::move(index_);
  }

 private:
  // Returns where to look next.
  std::uint64_t visit(std::uint64_t offset) {
    const std::uint64_t next_unit =
        (offset / trace::kUnitBytes + 1) * trace::kUnitBytes;
    SegmentHeader header{};
    std::uint8_t bytes[sizeof header];
    const std::size_t got = source_->read(offset, bytes);
    std::memcpy(&header, bytes, got);
    if (got == sizeof header &&
        is_segment(header, offset == trace::kHeaderBytes)) {
      in_garbage_ = false;
      add(offset, header);
      return offset + header.bytes;
    }
    // Units that were reserved and never used are zero: no loss.  Anything else
    // was a segment once; the units behind its first are part of the same one.
    const bool is_empty = header.magic == 0;
    if (!is_empty && !in_garbage_) ++index_.missing;
    in_garbage_ = !is_empty;
    return next_unit;
  }

  void add(std::uint64_t offset, const SegmentHeader& header) {
    Segment segment = make_segment(header);
    segment.offset = offset;
    const std::uint64_t in_segment = header.bytes - sizeof header;
    const std::uint64_t in_file = source_->size() - segment.records_offset();
    segment.readable = static_cast<std::uint32_t>(
        std::min({std::uint64_t{header.committed}, in_segment, in_file}));
    writer(header.writer).segments.push_back(segment);
  }

  void add_packed(PackIndex packs) {
    index_.missing += packs.missing;
    for (const PackedSegment& packed : packs.segments) {
      Segment segment = make_segment(packed.header);
      segment.offset = packs.packs[packed.pack].offset;
      segment.pack = packed.pack;
      segment.position = packed.position;
      segment.readable =
          std::min(packed.header.committed, packed.header.stored);
      writer(packed.header.writer).segments.push_back(segment);
    }
    for (const Pack& pack : packs.packs) index_.pack_bytes += pack.header.bytes;
    index_.packs = std::move(packs.packs);
  }

  Writer& writer(std::uint32_t number) {
    const auto [slot, is_new] =
        positions_.try_emplace(number, index_.writers.size());
    if (is_new) index_.writers.push_back({number, {}});
    return index_.writers[slot->second];
  }

  // A file that was cut at a unit boundary looks complete from the inside; only
  // the header knows how many units there were.
  void note_cut(std::uint64_t walked) {
    const std::uint64_t units =
        std::min(file_.next_unit, UINT64_MAX / trace::kUnitBytes);
    if (walked < units * trace::kUnitBytes) ++index_.missing;
  }

  void order() {
    std::sort(
        index_.writers.begin(), index_.writers.end(),
        [](const Writer& a, const Writer& b) { return a.number < b.number; });
    for (Writer& writer : index_.writers) order_segments(writer.segments);
    index_.missing += index_.gaps;
  }

  void order_segments(std::vector<Segment>& segments) {
    // Stable: of two segments that claim one sequence the first in the file is
    // kept, on every machine.
    std::stable_sort(segments.begin(), segments.end(),
                     [](const Segment& a, const Segment& b) {
                       return a.sequence < b.sequence;
                     });
    const auto repeated =
        std::unique(segments.begin(), segments.end(),
                    [this](const Segment& kept, const Segment& next) {
                      if (kept.sequence != next.sequence) return false;
                      if (!is_same(kept, next)) ++index_.missing;
                      return true;
                    });
    segments.erase(repeated, segments.end());
    std::uint64_t expected = 0;
    for (const Segment& segment : segments) {
      if (segment.sequence != expected) ++index_.gaps;
      expected = segment.sequence + 1;
      index_.record_bytes += segment.readable;
      if (segment.is_packed()) index_.packed_record_bytes += segment.readable;
    }
  }

  const ByteSource* source_;
  const trace::FileHeader& file_;
  SegmentIndex index_;
  tsl::robin_map<std::uint32_t, std::size_t> positions_;
  bool in_garbage_ = false;
};

}  // namespace

SegmentIndex index_segments(const ByteSource* source,
                            const trace::FileHeader& header, PackIndex packs) {
  return Walk(source, header).run(std::move(packs));
}

}  // namespace sagemem::decode
