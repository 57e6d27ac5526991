// SPDX-License-Identifier: Apache-2.0
//
// Where the segments of a trace are, found by walking the units of the file:
//
//   offset 4096   the first session segment (60 KiB)
//   offset 65536  unit 1: a segment header, or nothing: try the next unit
//   ...           a segment of n units: go on behind it
//
// Segments are grouped by writer and ordered by sequence, because a writer's
// records mean something only in the order in which it made them.
//
// Hazard: every number comes from the file.  Writer numbers go through a hash
// map, sequences are sorted and never used as an index, lengths are cut to
// what the segment and the file hold.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/byte_source.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

// One segment, as far as its header can be believed.
struct Segment {
  std::uint64_t offset = 0;  // of its header in the file
  std::uint64_t sequence = 0;
  std::uint64_t start_ticks = 0;
  std::int64_t start_monotonic_ns = 0;
  std::uint64_t checksum = 0;
  std::uint32_t committed = 0;  // claimed record bytes
  std::uint32_t readable = 0;   // of which segment and file hold this many
  bool sealed = false;
  std::uint64_t lost_allocs = 0;
  std::uint64_t lost_releases = 0;

  [[nodiscard]] std::uint64_t records_offset() const noexcept {
    return offset + sizeof(trace::SegmentHeader);
  }
};

struct Writer {
  std::uint32_t number = 0;
  std::vector<Segment> segments;  // by sequence, each sequence once
};

struct SegmentIndex {
  std::vector<Writer> writers;  // by number, none empty
  // Segments that should be there and are not: gaps in a sequence (each counts
  // once, its length would be a claim), repeated sequences, runs of units that
  // hold no header but are not empty, a file shorter than what was handed out.
  std::uint64_t missing = 0;
  std::uint64_t record_bytes = 0;  // readable
};

SegmentIndex index_segments(const ByteSource& source,
                            const trace::FileHeader& header);

}  // namespace sagemem::decode
