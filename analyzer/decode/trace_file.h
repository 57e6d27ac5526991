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
#include "decode/pack_reader.h"
#include "decode/segment_index.h"
#include "decode/tick_clock.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

class TraceFile {
 public:
  // Opens a trace, or the spool that a stub stands for.  Throws TraceError when
  // it is no trace, of another major version, or holds no segment.  "-" is the
  // standard input, a file or a pipe; so are names like /dev/stdin and
  // /dev/fd/63, as shells give them to pipes.
  static TraceFile open(const std::filesystem::path& path);
  // The same for bytes from elsewhere; a stub is not followed.  `side`: the
  // bytes of TRACE.pack.
  explicit TraceFile(std::unique_ptr<ByteSource> source,
                     std::unique_ptr<ByteSource> side = nullptr);

  [[nodiscard]] const trace::FileHeader& header() const { return header_; }
  [[nodiscard]] const std::vector<Writer>& writers() const {
    return index_.writers;
  }
  [[nodiscard]] const SegmentIndex& index() const { return index_; }
  [[nodiscard]] const TickClock& clock() const { return clock_; }
  [[nodiscard]] std::uint64_t size() const { return source_->size(); }

  // The bytes are not where the name is: a stub was followed.
  [[nodiscard]] bool is_spooled() const { return is_spooled_; }
  [[nodiscard]] bool is_packed() const {
    return (header_.flags & trace::kFlagPacked) != 0;
  }

  // The readable record bytes of a segment, into `bytes`; fewer than
  // Segment::readable when the file shrank meanwhile, none when its pack is
  // damaged.  Not from two threads at a time.
  void read(const Segment& segment, std::vector<std::uint8_t>& bytes) const;

  // The symbols that were put into it, as they are in the file (see
  // symbol_section.h); empty when there are none that can be read.
  [[nodiscard]] std::vector<std::uint8_t> symbol_bytes() const;

 private:
  static TraceFile open_named(const std::filesystem::path& path);
  PackIndex find_packs();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<ByteSource> side_;
  bool is_spooled_ = false;
  trace::FileHeader header_;
  // Behind a pointer: keeps what it has uncompressed, and a trace moves.
  std::unique_ptr<PackReader> packs_;
  SegmentIndex index_;
  TickClock clock_;
};

}  // namespace sagemem::decode
