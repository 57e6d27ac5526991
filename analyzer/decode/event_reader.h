// SPDX-License-Identifier: Apache-2.0
//
// All events of a trace in one order: a k-way merge of the writers by stamp.
// The events of one writer always come in the order in which it made them.
//
//   writer 0   s . . . . . . s . .        <- session
//   writer 1   . a a f . . . . a f
//   writer 2   . . . . a f . . . .
//   merged     s a a f a f . s a f
//
// An event without a stamp of its own counts with the one before it.  That
// keeps the order of each address, because the recorder stamps where it would
// not (preload/session/event_order.h); how far it is from the true order
// otherwise, model/order_bound.h says.
//
// On equal stamps the session goes first, because it says what later events
// need (modules); then releases, because an address must be gone before it is
// born again; then the lower writer number, so that every run gives one order.
//
// Memory: one segment's bytes and its delta state per writer that is between
// its first and last event, nothing for the others.
//
// Damage is counted, never fatal: stats().  TraceError comes from SegmentReader
// (a required record that this program does not know) and from the device.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decode/event.h"
#include "decode/segment_reader.h"
#include "decode/trace_file.h"

namespace sagemem::decode {

struct DecodeStats {
  std::uint64_t events = 0;
  std::uint64_t segments = 0;
  std::uint64_t torn_segments = 0;  // bad checksum, cut short, undecodable
  std::uint64_t torn_bytes = 0;     // committed and not decoded
  std::uint64_t bytes_read = 0;     // record bytes, to compare with
                                    // SegmentIndex::record_bytes
};

class EventReader {
 public:
  explicit EventReader(const TraceFile& file);
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // The next event, nullptr at the end.  Valid until the next call.
  //
  // Inline as far as nearly all events go: the next one of the same writer, and
  // no other writer has an earlier one.
  const Event* next() {
    if (current_cursor_ == nullptr) return next_of_any();
    Event& event = current_cursor_->event;
    const bool has_event = current_cursor_->segment.read(event);
    if (!has_event || event.control != nullptr || event.ticks >= others_from_) {
      return next_of_any(has_event);
    }
    ++stats_.events;
    return &event;
  }

  // Segments that are missing altogether are in SegmentIndex::missing.
  [[nodiscard]] const DecodeStats& stats() const { return stats_; }

 private:
  // What orders two writers: the stamp of the next event, then `rank`.
  struct Key {
    std::uint64_t ticks = 0;
    std::uint32_t rank = 0;
    std::uint32_t writer_index = 0;

    bool operator<(const Key& other) const noexcept {
      if (ticks != other.ticks) return ticks < other.ticks;
      if (rank != other.rank) return rank < other.rank;
      return writer_index < other.writer_index;
    }
  };

  struct Cursor {
    std::vector<std::uint8_t> bytes;
    SegmentReader segment;
    Event event;           // read and not yet handed out
    bool is_torn = false;  // the loaded segment, and counted as such
  };

  // What next() is otherwise: the current writer's next event may be read.
  const Event* next_of_any(bool has_event = false);
  void enter(std::uint32_t writer_index);
  bool load_segment(std::uint32_t writer_index);
  bool read_ahead(std::uint32_t writer_index, bool has_event);
  void finish_segment(Cursor& cursor);
  void choose_next();
  void swap_with_first();
  static std::uint32_t rank(const Event& event) noexcept;

  const TraceFile& file_;
  std::vector<std::unique_ptr<Cursor>> cursors_;  // null: not entered, or done
  std::vector<std::size_t> next_segment_;         // by writer
  // Binary heap, smallest key first, of all writers but the current one.
  std::vector<Key> waiting_;
  std::uint64_t others_from_ = 0;  // the smallest stamp of these
  Key current_;
  Cursor* current_cursor_ = nullptr;
  DecodeStats stats_;
};

}  // namespace sagemem::decode
