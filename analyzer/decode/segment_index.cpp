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
    if (source_ != nullptr) walk();
    order();
    return std::move(index_);
  }

 private:
  // A program that still runs hands out units meanwhile.  What it did after we
  // began is left to the next reader: of a writer we might have passed the
  // place of one segment before it was there, and meet the one behind it.
  void walk() {
    const std::uint64_t begun = handed_out();
    std::uint64_t offset = trace::kHeaderBytes;
    while (offset < source_->size()) offset = visit(offset);
    note_cut(offset);
    if (handed_out() != begun) leave_out(begun);
  }

  // Units, now.
  [[nodiscard]] std::uint64_t handed_out() const {
    std::uint64_t units = 0;
    std::uint8_t bytes[sizeof units] = {};
    source_->read(offsetof(trace::FileHeader, next_unit), bytes);
    std::memcpy(&units, bytes, sizeof units);
    return units;
  }

  void leave_out(std::uint64_t from_unit) {
    for (Writer& writer : index_.writers) {
      std::erase_if(writer.segments, [from_unit](const Segment& segment) {
        return !segment.is_packed() &&
               segment.offset / trace::kUnitBytes >= from_unit;
      });
    }
    std::erase_if(index_.writers,
                  [](const Writer& writer) { return writer.segments.empty(); });
  }

  // Returns where to look next.
  std::uint64_t visit(std::uint64_t offset) {
    const std::uint64_t next_unit =
        (offset / trace::kUnitBytes + 1) * trace::kUnitBytes;
    SegmentHeader header{};
    if (read_header(offset, header)) return take(offset, header);
    // Units that were reserved and never used are zero: no loss.  Anything else
    // was a segment once; the units behind its first are part of the same one.
    const bool is_empty = header.magic == 0;
    if (!is_empty && !in_garbage_) {
      const std::uint64_t start = find_begun(offset, header);
      if (start != 0) return take(start, header);
      ++index_.missing;
    }
    if (!is_empty) {
      empty_from_ = 0;
    } else if (empty_from_ == 0) {
      empty_from_ = offset;
    }
    in_garbage_ = !is_empty;
    return next_unit;
  }

  std::uint64_t take(std::uint64_t offset, const SegmentHeader& header) {
    in_garbage_ = false;
    empty_from_ = 0;
    add(offset, header);
    return offset + header.bytes;
  }

  // False: no segment begins there.
  bool read_header(std::uint64_t offset, SegmentHeader& header) const {
    const auto read = [&] {
      std::uint8_t bytes[sizeof header];
      const std::size_t got = source_->read(offset, bytes);
      header = {};
      std::memcpy(&header, bytes, got);
      return got == sizeof header &&
             is_segment(header, offset == trace::kHeaderBytes);
    };
    if (!read()) return false;
    // Once more, when it says that it is sealed: what that goes for is there
    // before it is said, but the first read may have passed it already.
    return header.sealed == 0 || read();
  }

  // The segment that `offset` belongs to, whose first unit had no header yet
  // when we passed it; 0: none.
  std::uint64_t find_begun(std::uint64_t offset, SegmentHeader& header) const {
    if (empty_from_ == 0) return 0;
    for (std::uint64_t start = offset - trace::kUnitBytes; start >= empty_from_;
         start -= trace::kUnitBytes) {
      if (read_header(start, header) && start + header.bytes > offset)
        return start;
      if (offset - start >= trace::kMaxSegmentUnits * trace::kUnitBytes) break;
    }
    return 0;
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
  std::uint64_t empty_from_ = 0;  // where the empty units began; 0: none
};

}  // namespace

SegmentIndex index_segments(const ByteSource* source,
                            const trace::FileHeader& header, PackIndex packs) {
  return Walk(source, header).run(std::move(packs));
}

}  // namespace sagemem::decode
