// SPDX-License-Identifier: Apache-2.0
#include "decode/control_record.h"

#include <limits>

#include "sagemem/trace/format.h"
#include "sagemem/trace/wire.h"

namespace sagemem::decode {
namespace {

using trace::Control;

// Takes fields off the front; after the first that does not fit all fail.
class Fields {
 public:
  explicit Fields(std::span<const std::uint8_t> payload)
      : in_(payload.data()), end_(payload.data() + payload.size()) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::uint8_t* next =
        ok_ ? trace::get_varint(in_, end_, value) : nullptr;
    ok_ = next != nullptr;
    if (ok_) in_ = next;
    return value;
  }

  std::int32_t id() {
    const std::uint64_t value = number();
    if (value > std::uint64_t{std::numeric_limits<std::int32_t>::max()}) {
      ok_ = false;
    }
    return ok_ ? static_cast<std::int32_t>(value) : 0;
  }

  // A value of an enumeration, perhaps one that a later version added.
  template <typename Enum>
  Enum enumerator() {
    const std::uint64_t value = number();
    if (value > std::numeric_limits<std::uint8_t>::max()) ok_ = false;
    return static_cast<Enum>(ok_ ? value : 0);
  }

  std::span<const std::uint8_t> bytes(std::uint64_t count) {
    if (!ok_ || count > static_cast<std::uint64_t>(end_ - in_)) {
      ok_ = false;
      return {};
    }
    const std::span result(in_, static_cast<std::size_t>(count));
    in_ += count;
    return result;
  }

  std::string_view text(std::uint64_t count) {
    const auto field = bytes(count);
    return {reinterpret_cast<const char*>(field.data()), field.size()};
  }

  std::span<const std::uint8_t> rest_of_bytes() {
    return bytes(static_cast<std::uint64_t>(end_ - in_));
  }

  std::string_view rest() {
    return text(static_cast<std::uint64_t>(end_ - in_));
  }

  void require(bool condition) { ok_ = ok_ && condition; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  const std::uint8_t* in_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

InfoRecord read_info(Fields& fields) {
  InfoRecord record;
  record.key = fields.text(fields.number());
  record.value = fields.rest();
  return record;
}

ThreadRecord read_thread(Fields& fields) {
  ThreadRecord record;
  record.tid = fields.id();
  record.name = fields.rest();
  return record;
}

ModuleLoadRecord read_module_load(Fields& fields) {
  ModuleLoadRecord record;
  record.number = fields.number();
  record.flags = fields.number();
  record.bias = fields.number();
  record.start = fields.number();
  record.end = fields.number();
  const std::uint64_t build_id_bytes = fields.number();
  fields.require(build_id_bytes <= trace::kMaxBuildIdBytes);
  fields.require(record.start < record.end);
  record.build_id = fields.bytes(build_id_bytes);
  record.path = fields.rest();
  return record;
}

ScopeRuleRecord read_scope_rule(Fields& fields) {
  ScopeRuleRecord record;
  record.number = fields.number();
  record.use = fields.enumerator<trace::RuleUse>();
  record.flags = fields.number();
  record.name = fields.text(fields.number());
  const std::uint64_t count = fields.number();
  fields.require(count <= ScopeRuleRecord::kMaxCaptures);
  if (!fields.ok()) return record;
  record.capture_count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < record.capture_count; ++i) {
    Capture& capture = record.capture_slots[i];
    capture.is_at_end = (fields.number() & trace::kCaptureAtEnd) != 0;
    capture.name = fields.text(fields.number());
  }
  return record;
}

ProbeRecord read_probe(Fields& fields) {
  ProbeRecord record;
  record.rule = fields.number();
  record.roles = fields.number();
  record.method = fields.enumerator<trace::ProbeMethod>();
  record.reason = fields.enumerator<trace::ProbeReason>();
  record.address = fields.number();
  record.size = fields.number();
  record.symbol = fields.rest();
  return record;
}

ScanWordsRecord read_scan_words(Fields& fields) {
  ScanWordsRecord record;
  record.start = fields.number();
  record.end = fields.number();
  record.kind = fields.enumerator<trace::RegionKind>();
  record.flags = fields.number();
  record.first = fields.number();
  record.words = fields.rest_of_bytes();
  fields.require(record.start < record.end && record.first >= record.start &&
                 record.first < record.end);
  return record;
}

ScanThreadRecord read_scan_thread(Fields& fields) {
  ScanThreadRecord record;
  record.tid = fields.id();
  record.stop = fields.enumerator<trace::ThreadStop>();
  record.stack_pointer = fields.number();
  record.thread_pointer = fields.number();
  record.registers = fields.rest_of_bytes();
  return record;
}

ScanEndRecord read_scan_end(Fields& fields) {
  ScanEndRecord record;
  record.outcome = fields.enumerator<trace::ScanOutcome>();
  record.records = fields.number();
  record.words = fields.number();
  record.bytes = fields.number();
  record.unread_bytes = fields.number();
  record.elapsed_ns = fields.number();
  record.threads = fields.number();
  record.missed_threads = fields.number();
  return record;
}

ControlRecord read_control(Control type, Fields& fields) {
  switch (type) {
    case Control::Info:
      return read_info(fields);
    case Control::Thread:
      return read_thread(fields);
    case Control::ModuleLoad:
      return read_module_load(fields);
    case Control::ModuleUnload:
      return ModuleUnloadRecord{fields.number()};
    case Control::Resident: {
      ResidentRecord record;
      record.bytes = fields.number();
      record.shared_bytes = fields.number();
      return record;
    }
    case Control::Fork:
      return ForkRecord{fields.id()};
    case Control::Exec:
      return ExecRecord{fields.rest()};
    case Control::ScopeRule:
      return read_scope_rule(fields);
    case Control::Probe:
      return read_probe(fields);
    case Control::Snapshot:
      return SnapshotRecord{fields.rest()};
    case Control::ScanWords:
      return read_scan_words(fields);
    case Control::ScanThread:
      return read_scan_thread(fields);
    case Control::ScanEnd:
      return read_scan_end(fields);
  }
  fields.require(false);
  return InfoRecord{};
}

}  // namespace

bool is_known(Control type) noexcept {
  return type >= Control::Info && type <= Control::ScanEnd;
}

std::optional<ControlRecord> parse_control(
    Control type, std::span<const std::uint8_t> payload) noexcept {
  Fields fields(payload);
  const ControlRecord record = read_control(type, fields);
  if (!fields.ok()) return std::nullopt;
  return record;
}

}  // namespace sagemem::decode
