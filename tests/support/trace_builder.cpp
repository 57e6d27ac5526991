// SPDX-License-Identifier: Apache-2.0
#include "trace_builder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "sagemem/trace/wire.h"

namespace sagemem::test {
namespace {

using trace::DeltaState;
using trace::Kind;

using Bytes = std::vector<std::uint8_t>;

void put_byte(Bytes& out, std::uint8_t byte) {
  out.push_back(byte);
}

void put_varint(Bytes& out, std::uint64_t value) {
  std::uint8_t buffer[trace::kMaxVarintBytes];
  const std::uint8_t* const end = trace::put_varint(buffer, value);
  out.insert(out.end(), static_cast<const std::uint8_t*>(buffer), end);
}

void put_text(Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

std::string_view as_text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put_address(Bytes& out, std::uint64_t address, std::uint64_t previous) {
  std::uint8_t buffer[trace::kMaxVarintBytes + 1];
  const std::uint8_t* const end = trace::put_address(buffer, address, previous);
  out.insert(out.end(), static_cast<const std::uint8_t*>(buffer), end);
}

}  // namespace

TraceBuilder::TraceBuilder(const BuilderOptions& options) : options_(options) {
  std::memcpy(header.magic, trace::kMagic, sizeof header.magic);
  header.version_major = trace::kVersionMajor;
  header.version_minor = trace::kVersionMinor;
  header.header_bytes = trace::kHeaderBytes;
  header.unit_bytes = trace::kUnitBytes;
  header.page_bytes = 4096;
  header.clock_kind = static_cast<std::uint32_t>(trace::ClockKind::MonotonicNs);
  header.flags = trace::kFlagClosed;
  header.pid = 1000;
  header.parent_pid = 999;
  header.rank = -1;
  header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Exit);
}

// -------------------------------------------------------------------- events

void TraceBuilder::alloc(std::uint32_t writer, std::uint64_t ticks,
                         std::uint64_t size, std::uint64_t address,
                         const Stack& stack, trace::Api api,
                         unsigned alignment_log2) {
  Record record = begin(writer, ticks, Kind::Alloc, stack.size());
  put_api(record, record.writer.delta.alloc_api, api);
  put_stack(record, stack);
  put_varint(record.fields, size);
  put_new_address(record, address);
  if (alignment_log2 != 0) {
    record.tag |= trace::kHasAlignment;
    put_byte(record.fields, static_cast<std::uint8_t>(alignment_log2));
  }
  end(record);
}

void TraceBuilder::alloc_failed(std::uint32_t writer, std::uint64_t ticks,
                                std::uint64_t size, const Stack& stack,
                                trace::Api api, unsigned alignment_log2) {
  Record record = begin(writer, ticks, Kind::AllocFailed, stack.size());
  put_api(record, record.writer.delta.alloc_api, api);
  put_stack(record, stack);
  put_varint(record.fields, size);
  if (alignment_log2 != 0) {
    record.tag |= trace::kHasAlignment;
    put_byte(record.fields, static_cast<std::uint8_t>(alignment_log2));
  }
  end(record);
}

void TraceBuilder::free(std::uint32_t writer, std::uint64_t ticks,
                        std::uint64_t address, trace::Api api) {
  Record record = begin(writer, ticks, Kind::Free);
  put_api(record, record.writer.delta.release_api, api);
  put_old_address(record, address);
  end(record);
}

void TraceBuilder::free(std::uint32_t writer, std::uint64_t ticks,
                        std::uint64_t address, trace::Api api,
                        const Stack& stack) {
  Record record = begin(writer, ticks, Kind::Free, stack.size());
  put_api(record, record.writer.delta.release_api, api);
  put_stack(record, stack);
  put_old_address(record, address);
  end(record);
}

void TraceBuilder::realloc_begin(std::uint32_t writer, std::uint64_t ticks,
                                 std::uint64_t address) {
  Record record = begin(writer, ticks, Kind::ReallocBegin);
  put_old_address(record, address);
  end(record);
}

void TraceBuilder::realloc_end(std::uint32_t writer, std::uint64_t ticks,
                               std::uint64_t size, std::uint64_t address,
                               const Stack& stack, trace::Api api) {
  Record record = begin(writer, ticks, Kind::ReallocEnd, stack.size());
  put_api(record, record.writer.delta.alloc_api, api);
  put_stack(record, stack);
  put_varint(record.fields, size);
  put_new_address(record, address);
  end(record);
}

void TraceBuilder::map(std::uint32_t writer, std::uint64_t ticks,
                       std::uint64_t size, std::uint64_t address,
                       const Stack& stack, trace::Api api) {
  Record record = begin(writer, ticks, Kind::Map, stack.size());
  put_api(record, record.writer.delta.alloc_api, api);
  put_stack(record, stack);
  put_varint(record.fields, size);
  put_new_address(record, address);
  end(record);
}

void TraceBuilder::unmap(std::uint32_t writer, std::uint64_t ticks,
                         std::uint64_t size, std::uint64_t address,
                         const Stack& stack, trace::Api api) {
  Record record = begin(writer, ticks, Kind::Unmap, stack.size());
  put_api(record, record.writer.delta.release_api, api);
  put_stack(record, stack);
  put_varint(record.fields, size);
  put_address(record.fields, address, record.writer.delta.address);
  record.writer.delta.address = address;
  end(record);
}

// -------------------------------------------------------------------- scopes

void TraceBuilder::scope_begin(std::uint32_t writer, std::uint64_t ticks,
                               std::uint64_t rule, const Values& values,
                               bool is_process_wide) {
  put_scope(writer, ticks, Kind::ScopeBegin,
            is_process_wide ? trace::kIsProcessWide : std::uint8_t{0}, rule,
            values);
}

void TraceBuilder::scope_end(std::uint32_t writer, std::uint64_t ticks,
                             std::uint64_t rule, const Values& values,
                             bool is_abandoned) {
  put_scope(writer, ticks, Kind::ScopeEnd,
            is_abandoned ? trace::kIsAbandoned : std::uint8_t{0}, rule, values);
}

void TraceBuilder::label(std::uint32_t writer, std::uint64_t ticks,
                         std::uint64_t rule, const Values& values) {
  put_scope(writer, ticks, Kind::Label, 0, rule, values);
}

void TraceBuilder::note(std::uint32_t writer, std::uint64_t ticks,
                        std::uint64_t rule, const Values& values) {
  put_scope(writer, ticks, Kind::Note, 0, rule, values);
}

void TraceBuilder::put_scope(std::uint32_t writer, std::uint64_t ticks,
                             Kind kind, std::uint8_t flags, std::uint64_t rule,
                             const Values& values) {
  Record record = begin(writer, ticks, kind, values.size());
  record.tag |= flags;
  put_varint(record.fields, rule);
  put_varint(record.fields, values.size());
  for (const std::int64_t value : values) {
    put_varint(record.fields, trace::zigzag(value));
  }
  end(record);
}

// ----------------------------------------------------------- control records

void TraceBuilder::thread(std::uint32_t writer, std::uint64_t ticks,
                          std::int32_t tid, std::string_view name) {
  Writer& state = writers_[writer];
  state.tid = tid;
  state.thread_name = name;
  state.has_thread = true;
  // A new segment begins with the record anyway.
  if (!state.has_segment || !has_room(state, name.size() + 64)) {
    begin_segment(writer, state, ticks);
    return;
  }
  Bytes payload;
  put_varint(payload, static_cast<std::uint64_t>(tid));
  put_text(payload, name);
  control(writer, ticks, static_cast<std::uint8_t>(trace::Control::Thread),
          as_text(payload));
}

void TraceBuilder::info(std::uint64_t ticks, std::string_view key,
                        std::string_view value) {
  Bytes payload;
  put_varint(payload, key.size());
  put_text(payload, key);
  put_text(payload, value);
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::Info), as_text(payload));
}

void TraceBuilder::load_module(std::uint64_t ticks, const ModuleText& module) {
  Bytes payload;
  for (const std::uint64_t field :
       {module.number, module.flags, module.bias, module.start, module.end,
        std::uint64_t{module.build_id.size()}}) {
    put_varint(payload, field);
  }
  payload.insert(payload.end(), module.build_id.begin(), module.build_id.end());
  put_text(payload, module.path);
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::ModuleLoad),
          as_text(payload));
}

void TraceBuilder::unload_module(std::uint64_t ticks, std::uint64_t number) {
  Bytes payload;
  put_varint(payload, number);
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::ModuleUnload),
          as_text(payload));
}

void TraceBuilder::resident(std::uint64_t ticks, std::uint64_t bytes,
                            std::uint64_t shared_bytes) {
  Bytes payload;
  put_varint(payload, bytes);
  put_varint(payload, shared_bytes);
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::Resident),
          as_text(payload));
}

void TraceBuilder::forked(std::uint64_t ticks, std::int32_t child_pid) {
  Bytes payload;
  put_varint(payload, static_cast<std::uint64_t>(child_pid));
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::Fork), as_text(payload));
}

void TraceBuilder::exec(std::uint64_t ticks, std::string_view path) {
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::Exec), path);
}

void TraceBuilder::scope_rule(std::uint64_t ticks, const RuleText& rule) {
  Bytes payload;
  put_varint(payload, rule.number);
  put_varint(payload, static_cast<std::uint64_t>(rule.use));
  put_varint(payload, rule.flags);
  put_varint(payload, rule.name.size());
  put_text(payload, rule.name);
  put_varint(payload, rule.captures.size());
  for (const CaptureText& capture : rule.captures) {
    put_varint(payload, capture.is_at_end ? trace::kCaptureAtEnd : 0);
    put_varint(payload, capture.name.size());
    put_text(payload, capture.name);
  }
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::ScopeRule),
          as_text(payload));
}

void TraceBuilder::probe(std::uint64_t ticks, const ProbeText& probe) {
  Bytes payload;
  for (const std::uint64_t field :
       {probe.rule, probe.roles, static_cast<std::uint64_t>(probe.method),
        static_cast<std::uint64_t>(probe.reason), probe.address, probe.size}) {
    put_varint(payload, field);
  }
  put_text(payload, probe.symbol);
  control(trace::kSessionWriter, ticks,
          static_cast<std::uint8_t>(trace::Control::Probe), as_text(payload));
}

void TraceBuilder::snapshot(std::uint32_t writer, std::uint64_t ticks,
                            std::string_view label) {
  control(writer, ticks, static_cast<std::uint8_t>(trace::Control::Snapshot),
          label);
}

void TraceBuilder::control(std::uint32_t writer, std::uint64_t ticks,
                           std::uint8_t type, std::string_view payload,
                           bool is_required) {
  Record record = begin(writer, ticks, Kind::Control, payload.size() / 10 + 1);
  if (is_required) record.tag |= trace::kIsRequired;
  put_byte(record.fields, type);
  put_varint(record.fields, payload.size());
  put_text(record.fields, payload);
  end(record);
}

// -------------------------------------------------------------------- fields

// Begins a segment when the record may not fit into the present one; `frames`
// is how many its stack has at most.
TraceBuilder::Record TraceBuilder::begin(std::uint32_t number,
                                         std::uint64_t ticks, Kind kind,
                                         std::size_t frames) {
  Writer& writer = writers_[number];
  const std::size_t most = 64 + frames * trace::kMaxVarintBytes;
  if (!writer.has_segment || !has_room(writer, most)) {
    begin_segment(number, writer, ticks);
  }
  Record record{writer, static_cast<std::uint8_t>(kind), {}};
  if (options_.stamp_always || ticks != writer.delta.ticks) {
    record.tag |= trace::kHasStamp;
    put_varint(record.fields, ticks - writer.delta.ticks);
    writer.delta.ticks = ticks;
  }
  return record;
}

void TraceBuilder::end(Record& record) {
  Bytes& records = segments_[record.writer.segment].records;
  put_byte(records, record.tag);
  records.insert(records.end(), record.fields.begin(), record.fields.end());
}

void TraceBuilder::put_api(Record& record, trace::Api& last,
                           trace::Api api) const {
  if (api == last) return;
  record.tag |= trace::kHasApi;
  put_byte(record.fields, static_cast<std::uint8_t>(api));
  last = api;
}

void TraceBuilder::put_stack(Record& record, const Stack& stack) const {
  Stack& last = record.writer.stack;
  const auto [differs, ignored] =
      std::mismatch(last.begin(), last.end(), stack.begin(), stack.end());
  const auto common = static_cast<std::size_t>(differs - last.begin());
  if (common == last.size() && common == stack.size()) return;
  record.tag |= trace::kHasStack;
  put_varint(record.fields, last.size() - common);
  put_varint(record.fields, stack.size() - common);
  for (std::size_t i = common; i < stack.size(); ++i) {
    put_frame(record, stack[i], i == 0 ? 0 : stack[i - 1]);
  }
  last = stack;
}

void TraceBuilder::put_frame(Record& record, std::uint64_t pc,
                             std::uint64_t outer) const {
  const std::size_t slot = DeltaState::frame_slot(pc);
  std::uint64_t& cached = record.writer.delta.frames[slot];
  if (options_.use_frame_cache && cached == pc) {
    put_varint(record.fields, std::uint64_t{slot} << 1);
    return;
  }
  const auto step = static_cast<std::int64_t>(pc - outer);
  put_varint(record.fields, trace::zigzag(step) << 1 | 1);
  cached = pc;
}

void TraceBuilder::put_new_address(Record& record,
                                   std::uint64_t address) const {
  DeltaState& delta = record.writer.delta;
  put_address(record.fields, address, delta.address);
  delta.address = address;
  delta.recent[DeltaState::recent_slot(address)] = address;
}

void TraceBuilder::put_old_address(Record& record,
                                   std::uint64_t address) const {
  DeltaState& delta = record.writer.delta;
  const std::uint8_t slot = DeltaState::recent_slot(address);
  if (options_.use_recent && delta.recent[slot] == address) {
    record.tag |= trace::kIsRecent;
    put_byte(record.fields, slot);
  } else {
    put_address(record.fields, address, delta.address);
  }
  delta.address = address;
}

// ------------------------------------------------------------------ segments

bool TraceBuilder::has_room(const Writer& writer, std::size_t bytes) const {
  const SegmentBytes& segment = segments_[writer.segment];
  const std::size_t used = segment.records.size();
  return used < options_.max_segment_bytes &&
         used + bytes <= segment.header.bytes - sizeof segment.header;
}

void TraceBuilder::begin_segment(std::uint32_t number, Writer& writer,
                                 std::uint64_t ticks) {
  if (writer.has_segment) seal(number);
  SegmentBytes segment;
  const bool is_first = number == trace::kSessionWriter && writer.sequence == 0;
  segment.header.magic = trace::kSegmentMagic;
  segment.header.writer = number;
  segment.header.sequence = writer.sequence++;
  segment.header.start_ticks = ticks;
  segment.header.start_monotonic_ns = static_cast<std::int64_t>(ticks);
  if (is_first) {
    segment.offset = trace::kHeaderBytes;
    segment.header.bytes = trace::kUnitBytes - trace::kHeaderBytes;
  } else {
    segment.offset = next_unit_ * trace::kUnitBytes;
    segment.header.bytes = options_.segment_units * trace::kUnitBytes;
    next_unit_ += options_.segment_units;
  }
  writer.segment = segments_.size();
  writer.has_segment = true;
  writer.delta = {};
  writer.delta.ticks = ticks;
  writer.stack.clear();
  segments_.push_back(std::move(segment));
  if (writer.has_thread) {
    thread(number, ticks, writer.tid, std::string(writer.thread_name));
  }
}

void TraceBuilder::raw(std::uint32_t writer,
                       std::span<const std::uint8_t> bytes) {
  segment(writer);
  Bytes& records = segments_[writers_[writer].segment].records;
  records.insert(records.end(), bytes.begin(), bytes.end());
}

void TraceBuilder::seal(std::uint32_t writer) {
  Writer& state = writers_[writer];
  if (!state.has_segment) return;
  segments_[state.segment].is_sealed = true;
  state.has_segment = false;
}

trace::SegmentHeader& TraceBuilder::segment(std::uint32_t writer) {
  Writer& state = writers_[writer];
  if (!state.has_segment) begin_segment(writer, state, state.delta.ticks);
  return segments_[state.segment].header;
}

// -------------------------------------------------------------------- result

std::vector<std::uint8_t> TraceBuilder::bytes() const {
  Bytes image(next_unit_ * trace::kUnitBytes);
  trace::FileHeader file = header;
  if (file.next_unit == 0) file.next_unit = next_unit_;
  if (file.writers == 0) {
    file.writers = static_cast<std::uint32_t>(writers_.size());
  }
  std::memcpy(image.data(), &file, sizeof file);
  for (const SegmentBytes& segment : segments_) {
    trace::SegmentHeader head = segment.header;
    // What a test has set by hand stays, right or wrong.
    if (head.committed == 0) {
      head.committed = static_cast<std::uint32_t>(segment.records.size());
    }
    const bool is_sealed = segment.is_sealed || options_.seal_last;
    if (head.sealed == 0 && is_sealed && options_.seal_all) {
      head.sealed = 1;
      head.checksum =
          XXH3_64bits(segment.records.data(), segment.records.size());
    }
    std::uint8_t* out = image.data() + segment.offset;
    std::memcpy(out, &head, sizeof head);
    if (!segment.records.empty()) {
      std::memcpy(out + sizeof head, segment.records.data(),
                  segment.records.size());
    }
  }
  return image;
}

void TraceBuilder::write(const std::filesystem::path& path) const {
  const Bytes image = bytes();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(image.data()),
            static_cast<std::streamsize>(image.size()));
  if (!out) throw std::runtime_error("can not write " + path.string());
}

}  // namespace sagemem::test
