// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one segment to events; mirror of the recorder's encode/.  The
// fields of a record are read in the order in which events.h lists them.
//
// A segment decodes alone: DeltaState and the stack start empty.  So readers of
// different segments can run in parallel.
//
// A record that makes no sense ends the segment, because everything behind it
// depends on it.  What was decoded before stays valid.  The one exception is a
// control record that is marked as required and not known here: TraceError.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/event.h"
#include "decode/segment_index.h"

namespace sagemem::decode {

class SegmentReader {
 public:
  // Starts on `segment`, whose record bytes must stay valid while it is read.
  void start(const Segment& segment, std::span<const std::uint8_t> bytes);

  // The next record into `event` (all but writer and tid); false at the end,
  // and at the first record that does not decode.
  bool read(Event& event);

  // Bytes that were left when a record did not decode; 0 for a clean end.
  [[nodiscard]] std::uint64_t torn_bytes() const { return torn_bytes_; }

 private:
  [[nodiscard]] std::uint64_t place_of(const std::uint8_t* byte) const;
  bool read_record(Event& event);
  bool read_alloc(Event& event, std::uint8_t tag);
  bool read_alloc_failed(Event& event, std::uint8_t tag);
  bool read_free(Event& event, std::uint8_t tag);
  bool read_realloc_begin(Event& event, std::uint8_t tag);
  bool read_realloc_end(Event& event, std::uint8_t tag);
  bool read_map(Event& event, std::uint8_t tag);
  bool read_unmap(Event& event, std::uint8_t tag);
  bool read_scope(Event& event, std::uint8_t tag);
  bool read_control(Event& event, std::uint8_t tag);

  bool read_stamp(std::uint8_t tag);
  bool read_api(std::uint8_t tag, trace::Api& side, Event& event);
  bool read_stack(std::uint8_t tag);
  bool read_frame(std::uint64_t& pc, std::uint64_t outer);
  bool read_size(Event& event);
  bool read_address(Event& event);
  bool read_old_address(std::uint8_t tag, Event& event);
  bool read_alignment(std::uint8_t tag, Event& event);
  bool read_byte(std::uint8_t& byte);
  bool read_varint(std::uint64_t& value);
  void remember(std::uint64_t address);

  const std::uint8_t* start_ = nullptr;
  const std::uint8_t* in_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  Segment segment_;  // for the places of errors
  std::uint64_t torn_bytes_ = 0;
  trace::DeltaState delta_{};
  std::vector<std::uint64_t> stack_;
  std::size_t kept_ = 0;  // frames of stack_ that the last event had as well
  ControlRecord control_;
  std::array<std::int64_t, trace::kMaxScopeValues> values_{};
};

}  // namespace sagemem::decode
