// SPDX-License-Identifier: Apache-2.0
//
// Packs the sealed segments of a trace that is being written, and gives their
// disk blocks back:
//
//   trace       | header | s0 | ....... punched ....... | s7 | s8 (open) |
//   trace.pack  | header | pack of s1 to s6 |
//
// The order that makes it safe to be killed at any moment, or to be read:
//   1. the pack is written          nobody knows of it
//   2. packed_bytes is stored       its segments are in both files
//   3. the segments are punched     under an exclusive lock
// And at the end, under the lock: the header is copied, trace.pack is renamed
// to trace.
//
// Hazard: the program writes while we read.  A segment is taken when it says
// that it is sealed, and its checksum fits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "pack/pack_builder.h"
#include "pack/packed_file.h"
#include "pack/target_watch.h"
#include "sagemem/trace/format.h"

namespace sagemem::packer {

class LivePacker {
 public:
  // Throws std::runtime_error when `trace` is none, or somebody packs it
  // already.
  LivePacker(std::filesystem::path trace, std::int32_t pid);
  LivePacker(const LivePacker&) = delete;
  LivePacker& operator=(const LivePacker&) = delete;
  ~LivePacker();

  // Until the program has ended and its trace is packed.
  void run();

 private:
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };

  void open_side();
  [[nodiscard]] bool is_of_another(const trace::FileHeader& trace) const;
  [[nodiscard]] trace::FileHeader read_header() const;
  void pack_sealed();
  void revisit_open();
  bool pack_segment(const Place& place, const trace::SegmentHeader& header);
  void add(const trace::SegmentHeader& header,
           std::span<const std::uint8_t> records);
  void flush();
  void punch();
  void punch(const Place& place) const;
  void pack_rest();
  void take_over();

  std::filesystem::path path_;
  std::filesystem::path side_path_;
  int fd_ = -1;
  int side_ = -1;
  pack::TargetWatch watch_;
  pack::PackBuilder builder_;
  std::unique_ptr<pack::PackedFile> out_;
  std::uint64_t next_ = trace::kUnitBytes;  // not looked at from here on
  std::vector<Place> open_;                 // seen, and not yet sealed
  std::vector<Place> pending_;              // in the builder
  std::vector<Place> packed_;               // to be punched
  std::vector<std::uint8_t> records_;
};

}  // namespace sagemem::packer
