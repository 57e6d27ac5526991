// SPDX-License-Identifier: Apache-2.0
#include "decode/segment_reader.h"

#include <fmt/format.h>

#include "decode/trace_error.h"
#include "sagemem/trace/wire.h"

namespace sagemem::decode {
namespace {

using trace::DeltaState;
using trace::Kind;

constexpr std::uint8_t kFlagMask = static_cast<std::uint8_t>(~trace::kKindMask);

// The flags that a kind may carry.  Any other is damage: were it ignored, its
// field would be read as the next one.
constexpr std::uint8_t allowed_flags(Kind kind) {
  using namespace trace;
  constexpr std::uint8_t call = kHasStamp | kHasApi | kHasStack;
  switch (kind) {
    case Kind::Alloc:
    case Kind::AllocFailed:
      return call | kHasAlignment;
    case Kind::Free:
      return call | kIsRecent;
    case Kind::ReallocBegin:
      return kHasStamp | kIsRecent;
    case Kind::ReallocEnd:
    case Kind::Map:
    case Kind::Unmap:
      return call;
    case Kind::ScopeBegin:
      return kHasStamp | kIsProcessWide;
    case Kind::ScopeEnd:
      return kHasStamp | kIsAbandoned;
    case Kind::Label:
    case Kind::Note:
      return kHasStamp;
    case Kind::Control:
      return kHasStamp | kIsRequired;
    case Kind::None:
      break;
  }
  return 0;
}

}  // namespace

inline bool SegmentReader::read_byte(std::uint8_t& byte) {
  if (in_ == end_) return false;
  byte = *in_++;
  return true;
}

// Inline, and one byte first: most are.
inline bool SegmentReader::read_varint(std::uint64_t& value) {
  if (in_ != end_ && *in_ < 0x80) {
    value = *in_++;
    return true;
  }
  const std::uint8_t* next = trace::get_varint(in_, end_, value);
  if (next == nullptr) return false;
  in_ = next;
  return true;
}

void SegmentReader::start(const Segment& segment,
                          std::span<const std::uint8_t> bytes) {
  start_ = bytes.data();
  in_ = start_;
  end_ = start_ + bytes.size();
  segment_ = segment;
  torn_bytes_ = 0;
  delta_ = {};
  delta_.ticks = segment.start_ticks;
  stack_.clear();
  kept_ = 0;
}

std::uint64_t SegmentReader::place_of(const std::uint8_t* byte) const {
  return segment_.place_of(static_cast<std::uint64_t>(byte - start_));
}

bool SegmentReader::read(Event& event) {
  while (in_ != end_) {
    const std::uint8_t* const record = in_;
    event.kind = Kind::None;
    if (!read_record(event)) {
      torn_bytes_ = static_cast<std::uint64_t>(end_ - record);
      in_ = end_;
      return false;
    }
    if (event.kind == Kind::None) continue;  // a control record to skip
    event.ticks = delta_.ticks;
    event.kept = static_cast<std::uint32_t>(kept_);
    event.stack = stack_;
    kept_ = stack_.size();
    return true;
  }
  return false;
}

// ------------------------------------------------------------------- records

inline bool SegmentReader::read_record(Event& event) {
  const std::uint8_t tag = *in_++;
  const auto kind = static_cast<Kind>(tag & trace::kKindMask);
  if ((tag & kFlagMask & ~allowed_flags(kind)) != 0) return false;
  if (!read_stamp(tag)) return false;
  event.is_stamped = (tag & trace::kHasStamp) != 0;
  event.api = trace::Api::Unknown;
  event.alignment_log2 = 0;
  event.address = 0;
  event.size = 0;
  event.control = nullptr;
  event.has_stack = true;
  switch (kind) {
    case Kind::Alloc:
      event.kind = kind;
      return read_alloc(event, tag);
    case Kind::Free:
      event.kind = kind;
      return read_free(event, tag);
    case Kind::ReallocBegin:
      event.kind = kind;
      return read_realloc_begin(event, tag);
    case Kind::ReallocEnd:
      event.kind = kind;
      return read_realloc_end(event, tag);
    case Kind::AllocFailed:
      event.kind = kind;
      return read_alloc_failed(event, tag);
    case Kind::Map:
      event.kind = kind;
      return read_map(event, tag);
    case Kind::Unmap:
      event.kind = kind;
      return read_unmap(event, tag);
    case Kind::ScopeBegin:
    case Kind::ScopeEnd:
    case Kind::Label:
    case Kind::Note:
      event.kind = kind;
      return read_scope(event, tag);
    case Kind::Control:
      return read_control(event, tag);
    case Kind::None:
      break;
  }
  return false;
}

inline bool SegmentReader::read_alloc(Event& event, std::uint8_t tag) {
  if (!read_api(tag, delta_.alloc_api, event) || !read_stack(tag) ||
      !read_size(event) || !read_address(event) ||
      !read_alignment(tag, event)) {
    return false;
  }
  remember(event.address);
  return event.address != 0;  // a call without memory is alloc_failed
}

bool SegmentReader::read_alloc_failed(Event& event, std::uint8_t tag) {
  return read_api(tag, delta_.alloc_api, event) && read_stack(tag) &&
         read_size(event) && read_alignment(tag, event);
}

inline bool SegmentReader::read_free(Event& event, std::uint8_t tag) {
  event.has_stack = (tag & trace::kHasStack) != 0;
  return read_api(tag, delta_.release_api, event) && read_stack(tag) &&
         read_old_address(tag, event);
}

inline bool SegmentReader::read_realloc_begin(Event& event, std::uint8_t tag) {
  event.has_stack = false;
  return read_old_address(tag, event);
}

inline bool SegmentReader::read_realloc_end(Event& event, std::uint8_t tag) {
  if (!read_api(tag, delta_.alloc_api, event) || !read_stack(tag) ||
      !read_size(event) || !read_address(event)) {
    return false;
  }
  remember(event.address);
  return true;
}

bool SegmentReader::read_map(Event& event, std::uint8_t tag) {
  if (!read_api(tag, delta_.alloc_api, event) || !read_stack(tag) ||
      !read_size(event) || !read_address(event)) {
    return false;
  }
  remember(event.address);
  return true;
}

bool SegmentReader::read_unmap(Event& event, std::uint8_t tag) {
  return read_api(tag, delta_.release_api, event) && read_stack(tag) &&
         read_size(event) && read_address(event);
}

// Scopes, labels and notes.
bool SegmentReader::read_scope(Event& event, std::uint8_t tag) {
  event.has_stack = false;
  event.is_process_wide =
      event.kind == Kind::ScopeBegin && (tag & trace::kIsProcessWide) != 0;
  event.is_abandoned =
      event.kind == Kind::ScopeEnd && (tag & trace::kIsAbandoned) != 0;
  std::uint64_t count = 0;
  if (!read_varint(event.rule) || !read_varint(count)) return false;
  if (count > values_.size()) return false;
  const auto values = std::span(values_).first(static_cast<std::size_t>(count));
  for (std::int64_t& value : values) {
    std::uint64_t bits = 0;
    if (!read_varint(bits)) return false;
    value = trace::unzigzag(bits);
  }
  event.values = values;
  return true;
}

bool SegmentReader::read_control(Event& event, std::uint8_t tag) {
  std::uint8_t type_byte = 0;
  std::uint64_t length = 0;
  if (!read_byte(type_byte) || !read_varint(length)) return false;
  if (length > static_cast<std::uint64_t>(end_ - in_)) return false;
  const std::span payload(in_, static_cast<std::size_t>(length));
  in_ += length;
  const auto type = static_cast<trace::Control>(type_byte);
  if (!is_known(type)) {
    if ((tag & trace::kIsRequired) == 0) return true;
    throw TraceError(
        place_of(payload.data()),
        fmt::format("a required record of the unknown type {}; a newer "
                    "sagemem-report is needed",
                    type_byte));
  }
  const auto record = parse_control(type, payload);
  if (!record) return false;
  control_ = *record;
  event.has_stack = false;
  event.kind = Kind::Control;
  event.control = &control_;
  return true;
}

// -------------------------------------------------------------------- fields
//
// Inline, which -O2 does not do by itself: a record has five of them, and all
// of it takes some ten nanoseconds.

inline bool SegmentReader::read_stamp(std::uint8_t tag) {
  if ((tag & trace::kHasStamp) == 0) return true;
  std::uint64_t elapsed = 0;
  if (!read_varint(elapsed)) return false;
  // Time that wraps around would undo the order of the writer.
  if (delta_.ticks + elapsed < delta_.ticks) return false;
  delta_.ticks += elapsed;
  return true;
}

inline bool SegmentReader::read_api(std::uint8_t tag, trace::Api& side,
                                    Event& event) {
  if ((tag & trace::kHasApi) != 0) {
    std::uint8_t byte = 0;
    if (!read_byte(byte)) return false;
    side = static_cast<trace::Api>(byte);
  }
  event.api = side;
  return true;
}

inline bool SegmentReader::read_stack(std::uint8_t tag) {
  if ((tag & trace::kHasStack) == 0) return true;
  std::uint64_t pops = 0;
  std::uint64_t pushes = 0;
  if (!read_varint(pops) || !read_varint(pushes)) return false;
  if (pops > stack_.size()) return false;
  // A frame takes a byte at least, so that a count which the segment can not
  // hold is refused before memory is spent on it.
  if (pushes > static_cast<std::uint64_t>(end_ - in_)) return false;
  stack_.resize(stack_.size() - static_cast<std::size_t>(pops));
  kept_ = stack_.size();
  std::uint64_t pc = stack_.empty() ? 0 : stack_.back();
  for (; pushes > 0; --pushes) {
    if (!read_frame(pc, pc)) return false;
    stack_.push_back(pc);
  }
  return true;
}

inline bool SegmentReader::read_frame(std::uint64_t& pc, std::uint64_t outer) {
  std::uint64_t code = 0;
  if (!read_varint(code)) return false;
  if ((code & 1) != 0) {
    pc = outer + static_cast<std::uint64_t>(trace::unzigzag(code >> 1));
    delta_.frames[DeltaState::frame_slot(pc)] = pc;
    return true;
  }
  const std::uint64_t slot = code >> 1;
  if (slot >= delta_.frames.size()) return false;
  pc = delta_.frames[static_cast<std::size_t>(slot)];
  return true;
}

inline bool SegmentReader::read_size(Event& event) {
  return read_varint(event.size);
}

inline bool SegmentReader::read_address(Event& event) {
  const std::uint8_t* next =
      trace::get_address(in_, end_, delta_.address, event.address);
  if (next == nullptr) return false;
  in_ = next;
  delta_.address = event.address;
  return true;
}

inline bool SegmentReader::read_old_address(std::uint8_t tag, Event& event) {
  if ((tag & trace::kIsRecent) == 0) return read_address(event);
  std::uint8_t slot = 0;
  if (!read_byte(slot)) return false;
  event.address = delta_.recent[slot];
  delta_.address = event.address;
  return true;
}

inline bool SegmentReader::read_alignment(std::uint8_t tag, Event& event) {
  if ((tag & trace::kHasAlignment) == 0) return true;
  return read_byte(event.alignment_log2) && event.alignment_log2 < 64;
}

inline void SegmentReader::remember(std::uint64_t address) {
  delta_.recent[DeltaState::recent_slot(address)] = address;
}

}  // namespace sagemem::decode
