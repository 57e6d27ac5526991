// SPDX-License-Identifier: Apache-2.0
//
// One decoded record, as SegmentReader and EventReader hand it out.
//
// The stack comes whole and as a change: `stack[0, kept)` is what the previous
// event of the same writer had there too, the rest is new.  A model that keeps
// one path of its own nodes per writer cuts it to `kept` and pushes the rest;
// that holds over segment boundaries and over lost segments as well.
//
//   previous   main run_sage load_forest mymalloc
//   this one   main run_sage construct_galaxies         kept = 2
#pragma once

#include <cstdint>
#include <span>

#include "decode/control_record.h"
#include "sagemem/trace/events.h"

namespace sagemem::decode {

struct Event {
  trace::Kind kind = trace::Kind::None;
  trace::Api api = trace::Api::Unknown;  // realloc_begin, control: Unknown
  std::uint8_t alignment_log2 = 0;       // 0: none asked for
  // The stack is this event's.  A free may come without one of its own; then
  // `stack` is the writer's last, so that `kept` holds all the same.
  bool has_stack = false;
  // `ticks` is this event's.  A record may come without a stamp of its own:
  // then it bears the time of the record before.
  bool is_stamped = false;
  std::uint32_t kept = 0;
  std::uint64_t ticks = 0;
  std::uint64_t address = 0;  // realloc_end: 0 when it failed
  std::uint64_t size = 0;     // as requested
  // Program counters (return addresses), outermost first; valid until the next
  // event of the same writer is read.
  std::span<const std::uint64_t> stack;
  const ControlRecord* control = nullptr;  // Kind::Control only
  // Scopes, labels and notes only; the values are valid as long as the stack.
  std::uint64_t rule = 0;
  std::span<const std::int64_t> values;
  bool is_process_wide = false;    // scope_begin: for blocks of every thread
  bool is_abandoned = false;       // scope_end: left by an exception or longjmp
  std::uint32_t writer = 0;        // its number in the file
  std::uint32_t writer_index = 0;  // its position in writers()
  std::int32_t tid = 0;            // of the writer's last Thread record
};

}  // namespace sagemem::decode
