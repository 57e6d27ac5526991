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

// Walks the units once, front to back.
class Walk {
 public:
  Walk(const ByteSource& source, const trace::FileHeader& file)
      : source_(source), file_(file) {}

  SegmentIndex run() && {
    std::uint64_t offset = trace::kHeaderBytes;
    while (offset < source_.size()) offset = visit(offset);
    note_cut(offset);
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
    const std::size_t got = source_.read(offset, bytes);
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
    Segment segment;
    segment.offset = offset;
    segment.sequence = header.sequence;
    segment.start_ticks = header.start_ticks;
    segment.start_monotonic_ns = header.start_monotonic_ns;
    segment.checksum = header.checksum;
    segment.committed = header.committed;
    segment.sealed = header.sealed != 0;
    segment.lost_allocs = header.lost_allocs;
    segment.lost_releases = header.lost_releases;
    const std::uint64_t in_segment = header.bytes - sizeof header;
    const std::uint64_t in_file = source_.size() - segment.records_offset();
    segment.readable = static_cast<std::uint32_t>(
        std::min({std::uint64_t{header.committed}, in_segment, in_file}));
    index_.record_bytes += segment.readable;
    writer(header.writer).segments.push_back(segment);
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
  }

  void order_segments(std::vector<Segment>& segments) {
    // Stable: of two segments that claim one sequence the first in the file is
    // kept, on every machine.
    std::stable_sort(segments.begin(), segments.end(),
                     [](const Segment& a, const Segment& b) {
                       return a.sequence < b.sequence;
                     });
    const auto repeated = std::unique(segments.begin(), segments.end(),
                                      [](const Segment& a, const Segment& b) {
                                        return a.sequence == b.sequence;
                                      });
    const auto repeats = std::distance(repeated, segments.end());
    index_.missing += static_cast<std::uint64_t>(repeats);
    segments.erase(repeated, segments.end());
    std::uint64_t expected = 0;
    for (const Segment& segment : segments) {
      if (segment.sequence != expected) ++index_.missing;
      expected = segment.sequence + 1;
    }
  }

  const ByteSource& source_;
  const trace::FileHeader& file_;
  SegmentIndex index_;
  tsl::robin_map<std::uint32_t, std::size_t> positions_;
  bool in_garbage_ = false;
};

}  // namespace

SegmentIndex index_segments(const ByteSource& source,
                            const trace::FileHeader& header) {
  return Walk(source, header).run();
}

}  // namespace sagemem::decode
