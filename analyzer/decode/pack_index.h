// SPDX-License-Identifier: Apache-2.0
//
// The packs of a packed trace: where they are, and the headers of the segments
// that each holds.  Nothing is uncompressed here: the tables say it all.
//
//   offset 4096  PackHeader, 3 segments   -> writer 0 #0, writer 1 #0, 1 #1
//          9728  PackHeader, 2 segments   -> writer 1 #2, writer 2 #0
//
// Hazard: a pack that was torn is looked for no further than its header; the
// walk goes on at the next multiple of 512 that begins with a header whose
// checksum fits.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/byte_source.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

struct Pack {
  std::uint64_t offset = 0;  // of its header in the file
  trace::PackHeader header{};

  [[nodiscard]] std::uint64_t frame_offset() const noexcept {
    return offset + sizeof header +
           std::uint64_t{header.segments} * sizeof(trace::SegmentHeader);
  }
  [[nodiscard]] std::uint64_t frame_bytes() const noexcept {
    return offset + header.bytes - frame_offset();
  }
};

struct PackedSegment {
  std::uint32_t pack = 0;      // index into PackIndex::packs
  std::uint32_t position = 0;  // of its records in the content
  trace::SegmentHeader header{};
};

struct PackIndex {
  std::vector<Pack> packs;
  std::vector<PackedSegment> segments;  // in the order of the file
  std::uint64_t missing = 0;  // packs that are torn, a file that was cut
};

// `header`: of the same file, with kFlagPacked.
PackIndex index_packs(const ByteSource& source,
                      const trace::FileHeader& header);

}  // namespace sagemem::decode
