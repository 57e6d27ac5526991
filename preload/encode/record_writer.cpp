// SPDX-License-Identifier: Apache-2.0
#include "encode/record_writer.h"

#include <bit>

namespace sagemem {

using trace::Kind;

void RecordWriter::begin(const Segment& segment, std::uint32_t writer,
                         std::uint64_t sequence, std::uint64_t ticks,
                         std::int64_t monotonic_ns) noexcept {
  segment_ = segment;
  cursor_ = segment.records;
  demand_stamps();
  delta_ = {};
  ++frames_version_;
  delta_.ticks = ticks;
  trace::SegmentHeader* header = segment.header;
  header->writer = writer;
  header->sequence = sequence;
  header->start_ticks = ticks;
  header->start_monotonic_ns = monotonic_ns;
  // Last: a unit without the magic is unused space to a reader.
  std::atomic_ref(header->magic)
      .store(trace::kSegmentMagic, std::memory_order_release);
}

std::uint8_t* RecordWriter::put_stack(std::uint8_t* out,
                                      const StackDelta& stack) noexcept {
  out = trace::put_varint(out, stack.pop());
  out = trace::put_varint(out, stack.push());
  // Local: a store through `out` may be to any object, for all that the
  // compiler knows.
  const StackFrame* frame = stack.frames + stack.kept;
  const StackFrame* const end = stack.frames + stack.depth;
  std::uint64_t* const frames = delta_.frames.data();
  std::uint64_t outer = stack.kept == 0 ? 0 : frame[-1].pc;
  for (; frame != end; ++frame) {
    const std::uint64_t pc = frame->pc;
    const std::uint32_t slot = trace::DeltaState::frame_slot(pc);
    if (frames[slot] == pc) [[likely]] {
      out = trace::put_two_bytes(out, slot << 1);
    } else {
      const auto step = static_cast<std::int64_t>(pc - outer);
      out = trace::put_varint(out, trace::zigzag(step) << 1 | 1);
      if (frames[slot] != 0) ++frames_version_;
      frames[slot] = pc;
    }
    outer = pc;
  }
  return out;
}

void RecordWriter::write_block(Kind kind, trace::Api api, std::uint64_t ticks,
                               const StackDelta& stack, std::uint64_t size,
                               std::uint64_t address,
                               std::uint64_t alignment) noexcept {
  std::uint8_t tag = static_cast<std::uint8_t>(kind);
  std::uint8_t* out = put_stamp(cursor_ + 1, ticks, tag);
  trace::Api& last_api =
      kind == Kind::Unmap ? delta_.release_api : delta_.alloc_api;
  if (api != last_api) {
    tag |= trace::kHasApi;
    *out++ = static_cast<std::uint8_t>(api);
    last_api = api;
  }
  if (!stack.is_same()) {
    tag |= trace::kHasStack;
    out = put_stack(out, stack);
  }
  out = trace::put_varint(out, size);
  if (kind != Kind::AllocFailed) {
    out = trace::put_address(out, address, delta_.address);
    delta_.address = address;
    if (kind != Kind::Unmap) {
      delta_.recent[trace::DeltaState::recent_slot(address)] = address;
    }
  }
  if (alignment > 1 && (kind == Kind::Alloc || kind == Kind::AllocFailed)) {
    tag |= trace::kHasAlignment;
    *out++ = static_cast<std::uint8_t>(std::bit_width(alignment) - 1);
  }
  *cursor_ = tag;
  commit(out);
}

void RecordWriter::write_control(trace::Control type, std::uint64_t ticks,
                                 const void* payload,
                                 std::size_t bytes) noexcept {
  auto tag = static_cast<std::uint8_t>(Kind::Control);
  std::uint8_t* out = put_stamp(cursor_ + 1, ticks, tag);
  *out++ = static_cast<std::uint8_t>(type);
  out = trace::put_varint(out, bytes);
  std::memcpy(out, payload, bytes);
  *cursor_ = static_cast<std::uint8_t>(trace::Kind::Control) | trace::kHasStamp;
  commit(out + bytes);
}

}  // namespace sagemem
