// SPDX-License-Identifier: Apache-2.0
//
// Records to bytes: the mirror of analyzer/decode.  A RecordWriter fills one
// segment at a time and knows nothing of threads, files or clocks.
//
// Hazard: the write_* functions do not check for room.  The caller asks
// has_room() for the worst case first and begins a new segment when the answer
// is no; after begin() the next stack must be given as a whole.
//
// Readers may look at any moment, and the process may be killed at any moment:
// a record becomes visible as a whole, by the release store of `committed`.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "encode/stack_delta.h"
#include "sagemem/trace/events.h"
#include "sagemem/trace/format.h"
#include "sagemem/trace/wire.h"
#include "transport/trace_output.h"

namespace sagemem {

class RecordWriter {
 public:
  // For `ticks`: leave the stamp out, the record follows the one before.
  static constexpr std::uint64_t kNoStamp = 0;

  // Tag, stamp, api, two stack counts, size, address, alignment.
  static constexpr std::size_t kMaxFixedBytes =
      1 + 1 + 1 + 5 * trace::kMaxVarintBytes + 1;
  static constexpr std::size_t record_bytes(std::uint32_t pushed) noexcept {
    return kMaxFixedBytes + pushed * trace::kMaxVarintBytes;
  }
  static constexpr std::size_t control_bytes(std::size_t payload) noexcept {
    return kMaxFixedBytes + payload;
  }

  // Starts over in `segment` with a zeroed delta state.
  void begin(const Segment& segment, std::uint32_t writer,
             std::uint64_t sequence, std::uint64_t ticks,
             std::int64_t monotonic_ns) noexcept;

  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
    return static_cast<std::size_t>(segment_.end - cursor_) >= bytes;
  }
  [[nodiscard]] Segment& segment() noexcept { return segment_; }
  // Where the next record will begin: changes with every record.
  [[nodiscard]] const std::uint8_t* cursor() const noexcept { return cursor_; }
  // The block that the last record made, 0 if it made none.
  [[nodiscard]] std::uint64_t last_birth() const noexcept {
    return last_birth_;
  }
  [[nodiscard]] std::uint64_t last_ticks() const noexcept {
    return delta_.ticks;
  }
  // alloc, alloc_failed (address 0), realloc_end, map, unmap.
  void write_block(trace::Kind kind, trace::Api api, std::uint64_t ticks,
                   const StackDelta& stack, std::uint64_t size,
                   std::uint64_t address, std::uint64_t alignment) noexcept;

  // free, realloc_begin.
  void write_release(trace::Kind kind, trace::Api api, std::uint64_t ticks,
                     std::uint64_t address) noexcept;

  void write_control(trace::Control type, std::uint64_t ticks,
                     const void* payload, std::size_t bytes) noexcept;

 private:
  std::uint8_t* put_stamp(std::uint8_t* out, std::uint64_t ticks,
                          std::uint8_t& tag) noexcept;
  std::uint8_t* put_stack(std::uint8_t* out, const StackDelta& stack) noexcept;
  void commit(std::uint8_t* end) noexcept;

  Segment segment_;
  std::uint8_t* cursor_ = nullptr;
  std::uint64_t last_birth_ = 0;
  trace::DeltaState delta_{};
};

inline std::uint8_t* RecordWriter::put_stamp(std::uint8_t* out,
                                             std::uint64_t ticks,
                                             std::uint8_t& tag) noexcept {
  if (ticks == kNoStamp) return out;
  // Never backwards: the caller clamps and counts.
  out = trace::put_varint(out, ticks - delta_.ticks);
  delta_.ticks = ticks;
  tag |= trace::kHasStamp;
  return out;
}

inline void RecordWriter::commit(std::uint8_t* end) noexcept {
  cursor_ = end;
  std::atomic_ref(segment_.header->committed)
      .store(static_cast<std::uint32_t>(end - segment_.records),
             std::memory_order_release);
}

inline void RecordWriter::write_release(trace::Kind kind, trace::Api api,
                                        std::uint64_t ticks,
                                        std::uint64_t address) noexcept {
  std::uint8_t tag = static_cast<std::uint8_t>(kind);
  std::uint8_t* out = put_stamp(cursor_ + 1, ticks, tag);
  if (kind == trace::Kind::Free && api != delta_.release_api) {
    tag |= trace::kHasApi;
    *out++ = static_cast<std::uint8_t>(api);
    delta_.release_api = api;
  }
  const std::uint8_t slot = trace::DeltaState::recent_slot(address);
  if (delta_.recent[slot] == address) {
    tag |= trace::kIsRecent;
    *out++ = slot;
  } else {
    out = trace::put_address(out, address, delta_.address);
  }
  delta_.address = address;
  last_birth_ = 0;
  *cursor_ = tag;
  commit(out);
}

}  // namespace sagemem
