// SPDX-License-Identifier: Apache-2.0
//
// An open trace: its header, where its segments are, and their bytes.  First
// stage of the analyzer; EventReader turns the segments into events.
//
// Immutable after opening, and reads are positioned: several threads may read
// segments of one TraceFile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "decode/byte_source.h"
#include "decode/segment_index.h"
#include "decode/tick_clock.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

class TraceFile {
 public:
  // Opens a trace, or the spool that a stub stands for.  Throws TraceError when
  // it is no trace, of another major version, or holds no segment.
  static TraceFile open(const std::filesystem::path& path);
  // The same for bytes from elsewhere; a stub is not followed.
  explicit TraceFile(std::unique_ptr<ByteSource> source);

  [[nodiscard]] const trace::FileHeader& header() const { return header_; }
  [[nodiscard]] const std::vector<Writer>& writers() const {
    return index_.writers;
  }
  [[nodiscard]] const SegmentIndex& index() const { return index_; }
  [[nodiscard]] const TickClock& clock() const { return clock_; }
  [[nodiscard]] std::uint64_t size() const { return source_->size(); }

  // The readable record bytes of a segment, into `bytes`; fewer than
  // Segment::readable when the file shrank meanwhile.
  void read(const Segment& segment, std::vector<std::uint8_t>& bytes) const;

 private:
  std::unique_ptr<ByteSource> source_;
  trace::FileHeader header_;
  SegmentIndex index_;
  TickClock clock_;
};

}  // namespace sagemem::decode
