// SPDX-License-Identifier: Apache-2.0
//
// Where the segments of a trace are, found by walking the units of the file:
//
//   offset 4096   the first session segment (60 KiB)
//   offset 65536  unit 1: a segment header, or nothing: try the next unit
//   ...           a segment of n units: go on behind it
//
// or, in a packed trace, in the tables of its packs (pack_index.h).
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
#include "decode/pack_index.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

inline constexpr std::uint32_t kNotPacked = ~std::uint32_t{0};

// One segment, as far as its header can be believed.
struct Segment {
  std::uint64_t offset = 0;         // of its header in the file, or of its pack
  std::uint32_t pack = kNotPacked;  // index into SegmentIndex::packs
  std::uint32_t position = 0;       // of the records in the pack's content
  std::uint64_t sequence = 0;
  std::uint64_t start_ticks = 0;
  std::int64_t start_monotonic_ns = 0;
  std::uint64_t checksum = 0;
  std::uint32_t committed = 0;  // claimed record bytes
  std::uint32_t readable = 0;   // of which segment and file hold this many
  bool sealed = false;
  std::uint64_t lost_allocs = 0;
  std::uint64_t lost_releases = 0;

  [[nodiscard]] bool is_packed() const noexcept { return pack != kNotPacked; }
  // Only of one that is not packed.
  [[nodiscard]] std::uint64_t records_offset() const noexcept {
    return offset + sizeof(trace::SegmentHeader);
  }
  // Where in the file a record byte is; a pack is one place.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t byte) const noexcept {
    return is_packed() ? offset : records_offset() + byte;
  }
  // The header as the recorder wrote it.
  trace::SegmentHeader header{};
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
  std::uint64_t gaps = 0;          // those of them that are gaps
  std::uint64_t record_bytes = 0;  // readable
  std::vector<Pack> packs;
  std::uint64_t packed_record_bytes = 0;  // of record_bytes
  std::uint64_t pack_bytes = 0;           // what these take in the file
};

// The segments of a trace; `packs`: what has been packed of it already, or all
// of it, when `source` is nullptr.  A segment that is in both counts once.
SegmentIndex index_segments(const ByteSource* source,
                            const trace::FileHeader& header, PackIndex packs);

}  // namespace sagemem::decode
