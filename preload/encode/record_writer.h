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

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "encode/frame_codes.h"
#include "encode/scope_values.h"
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
  static constexpr std::uint32_t kFewValues = 2;
  static constexpr std::size_t kMaxScopeBytes =
      1 + (3 + trace::kMaxScopeValues) * trace::kMaxVarintBytes;
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
  // The same, asked by another thread.
  [[nodiscard]] const std::uint8_t* position() noexcept {
    // Relaxed: a hint.  Only whether it moves matters.
    return std::atomic_ref(cursor_).load(std::memory_order_relaxed);
  }
  // The block that the last record was about.
  [[nodiscard]] std::uint64_t last_address() const noexcept {
    return delta_.address;
  }
  [[nodiscard]] std::uint64_t last_ticks() const noexcept {
    return delta_.ticks;
  }
  // alloc, alloc_failed (address 0), realloc_end, map, unmap.
  void write_block(trace::Kind kind, trace::Api api, std::uint64_t ticks,
                   const StackDelta& stack, std::uint64_t size,
                   std::uint64_t address, std::uint64_t alignment) noexcept;

  // The same for a block that has an address, with no stamp and no alignment,
  // and what is known of the frames that `stack` pushes.
  [[nodiscard]] FrameCodes frame_codes(FrameCodes::Room& room) const noexcept {
    return {delta_, room};
  }
  // `put_codes(out)` puts those of the frames that `stack` pushes, or returns
  // nullptr: they are not all known.
  template <typename PutCodes>
  void write_block_with(PutCodes put_codes, trace::Kind kind, trace::Api api,
                        const StackDelta& stack, std::uint64_t size,
                        std::uint64_t address) noexcept;
  // Changes when the reader has forgotten a frame.
  [[nodiscard]] std::uint64_t frames_version() const noexcept {
    return frames_version_;
  }

  // free, realloc_begin.  `stack`: nullptr, or for free alone that of the call.
  void write_release(trace::Kind kind, trace::Api api, std::uint64_t ticks,
                     std::uint64_t address,
                     const StackDelta* stack = nullptr) noexcept;

  // The short ways: the same stack and function as in the record of that side
  // before, no stamp.

  // No stamp is needed for `bytes` more of records, or until the segment is
  // nearly full; the short and the quick ways are open as long.
  void excuse_from_stamps(std::size_t bytes) noexcept {
    const auto room = static_cast<std::size_t>(segment_.end - cursor_);
    const std::size_t reserve = record_bytes(0);
    stamped_at_ = cursor_;
    no_stamp_until_ =
        cursor_ + (room > reserve ? std::min(bytes, room - reserve) : 0);
    short_until_ = no_stamp_until_;
    quick_until_ = room > bytes + record_bytes(FrameCodes::kMax)
                       ? no_stamp_until_
                       : nullptr;
  }
  void demand_stamps() noexcept {
    stamped_at_ = cursor_;
    no_stamp_until_ = nullptr;
    short_until_ = nullptr;
    quick_until_ = nullptr;
  }
  // The short way of allocations closes after `bytes`, at the latest when a
  // stamp is needed.
  void limit_short_ways(std::size_t bytes) noexcept {
    short_until_ = std::min(no_stamp_until_,
                            static_cast<const std::uint8_t*>(cursor_ + bytes));
  }
  // No stamp is needed, and there is room for FrameCodes::kMax new frames.
  [[nodiscard]] bool is_quick_way_open() const noexcept {
    return cursor_ < quick_until_;
  }
  // Of records, since stamps were last excused or demanded.
  [[nodiscard]] std::size_t bytes_since_stamp() const noexcept {
    return static_cast<std::size_t>(cursor_ - stamped_at_);
  }
  [[nodiscard]] bool needs_stamp() const noexcept {
    return cursor_ >= no_stamp_until_;
  }
  [[nodiscard]] bool are_short_ways_open() const noexcept {
    return cursor_ < short_until_;
  }
  [[nodiscard]] bool can_write_alloc_again(trace::Api api) const noexcept {
    return are_short_ways_open() && delta_.alloc_api == api;
  }
  void write_alloc_again(std::uint64_t size, std::uint64_t address) noexcept;
  // Not limited: it is an allocation that tells a loop, see on_block().
  [[nodiscard]] bool can_write_free_again(trace::Api api) const noexcept {
    return !needs_stamp() && delta_.release_api == api;
  }
  void write_free_again(std::uint64_t address) noexcept;

  // scope_begin, scope_end, label, note.  `flag`: that of the kind, or 0.
  [[nodiscard]] bool can_write_scope_again(
      const ScopeValues& values) const noexcept {
    static_assert(1 + (2 + kFewValues) * trace::kMaxVarintBytes <=
                  record_bytes(0));
    return are_short_ways_open() && values.count <= kFewValues;
  }
  void write_scope_again(trace::Kind kind, std::uint8_t flag,
                         std::uint32_t rule,
                         const ScopeValues& values) noexcept;
  // The same, with one value or none; `head`: three bytes, tag, rule and how
  // many values.
  void write_scope_quickly(std::uint32_t head, bool has_value,
                           std::int64_t value) noexcept;
  void write_scope(trace::Kind kind, std::uint8_t flag, std::uint64_t ticks,
                   std::uint32_t rule, const ScopeValues& values) noexcept;

  void write_control(trace::Control type, std::uint64_t ticks,
                     const void* payload, std::size_t bytes) noexcept;

 private:
  std::uint8_t* put_stamp(std::uint8_t* out, std::uint64_t ticks,
                          std::uint8_t& tag) noexcept;
  std::uint8_t* put_stack(std::uint8_t* out, const StackDelta& stack) noexcept;
  void commit(std::uint8_t* end) noexcept;

  Segment segment_;
  std::uint8_t* cursor_ = nullptr;
  const std::uint8_t* no_stamp_until_ = nullptr;
  const std::uint8_t* short_until_ = nullptr;  // never later
  const std::uint8_t* quick_until_ = nullptr;  // no_stamp_until_ or none
  const std::uint8_t* stamped_at_ = nullptr;
  std::uint64_t frames_version_ = 0;
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
  std::atomic_ref(cursor_).store(end, std::memory_order_relaxed);
  std::atomic_ref(segment_.header->committed)
      .store(static_cast<std::uint32_t>(end - segment_.records),
             std::memory_order_release);
}

[[gnu::always_inline]] inline void RecordWriter::write_scope_again(
    trace::Kind kind, std::uint8_t flag, std::uint32_t rule,
    const ScopeValues& values) noexcept {
  std::uint8_t* out = cursor_;
  *out++ = static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) | flag);
  out = trace::put_varint(out, rule);
  *out++ = static_cast<std::uint8_t>(values.count);
  for (std::uint32_t i = 0; i < values.count; ++i) {
    out = trace::put_varint(out, trace::zigzag(values.values[i]));
  }
  commit(out);
}

[[gnu::always_inline]] inline void RecordWriter::write_scope_quickly(
    std::uint32_t head, bool has_value, std::int64_t value) noexcept {
  std::uint8_t* out = cursor_;
  std::memcpy(out, &head, sizeof head);
  out += 3;
  if (has_value) out = trace::put_varint(out, trace::zigzag(value));
  commit(out);
}

template <typename PutCodes>
[[gnu::always_inline]] inline void RecordWriter::write_block_with(
    PutCodes put_codes, trace::Kind kind, trace::Api api,
    const StackDelta& stack, std::uint64_t size,
    std::uint64_t address) noexcept {
  std::uint8_t tag = static_cast<std::uint8_t>(kind);
  std::uint8_t* const begin = cursor_;
  std::uint8_t* out = begin + 1;
  if (api != delta_.alloc_api) [[unlikely]] {
    tag |= trace::kHasApi;
    *out++ = static_cast<std::uint8_t>(api);
    delta_.alloc_api = api;
  }
  if ((stack.pop() | stack.push()) != 0) [[likely]] {
    tag |= trace::kHasStack;
    std::uint8_t* end = nullptr;
    if ((stack.pop() | stack.push()) < 0x80) [[likely]] {
      out[0] = static_cast<std::uint8_t>(stack.pop());
      out[1] = static_cast<std::uint8_t>(stack.push());
      end = put_codes(out + 2);
    }
    out = end != nullptr ? end : put_stack(out, stack);
  }
  out = trace::put_varint(out, size);
  out = trace::put_address(out, address, delta_.address);
  delta_.address = address;
  delta_.recent[trace::DeltaState::recent_slot(address)] = address;
  *begin = tag;
  commit(out);
}

inline void RecordWriter::write_release(trace::Kind kind, trace::Api api,
                                        std::uint64_t ticks,
                                        std::uint64_t address,
                                        const StackDelta* stack) noexcept {
  std::uint8_t tag = static_cast<std::uint8_t>(kind);
  std::uint8_t* out = put_stamp(cursor_ + 1, ticks, tag);
  if (kind == trace::Kind::Free && api != delta_.release_api) {
    tag |= trace::kHasApi;
    *out++ = static_cast<std::uint8_t>(api);
    delta_.release_api = api;
  }
  // Even if it is the same: without one, a release is of unknown origin.
  if (stack != nullptr) {
    tag |= trace::kHasStack;
    out = put_stack(out, *stack);
  }
  const std::uint8_t slot = trace::DeltaState::recent_slot(address);
  if (delta_.recent[slot] == address) {
    tag |= trace::kIsRecent;
    *out++ = slot;
  } else {
    out = trace::put_address(out, address, delta_.address);
  }
  delta_.address = address;
  *cursor_ = tag;
  commit(out);
}

inline void RecordWriter::write_alloc_again(std::uint64_t size,
                                            std::uint64_t address) noexcept {
  std::uint8_t* out = trace::put_varint(cursor_ + 1, size);
  out = trace::put_address(out, address, delta_.address);
  delta_.address = address;
  delta_.recent[trace::DeltaState::recent_slot(address)] = address;
  *cursor_ = static_cast<std::uint8_t>(trace::Kind::Alloc);
  commit(out);
}

inline void RecordWriter::write_free_again(std::uint64_t address) noexcept {
  constexpr std::uint8_t kTag =
      static_cast<std::uint8_t>(trace::Kind::Free) | trace::kIsRecent;
  const std::uint8_t slot = trace::DeltaState::recent_slot(address);
  const std::uint8_t record[] = {kTag, slot};
  std::uint8_t* out = cursor_ + sizeof record;
  if (delta_.recent[slot] == address) [[likely]] {
    std::memcpy(cursor_, record, sizeof record);
  } else {
    out = trace::put_address(cursor_ + 1, address, delta_.address);
    *cursor_ = static_cast<std::uint8_t>(trace::Kind::Free);
  }
  delta_.address = address;
  commit(out);
}

}  // namespace sagemem
