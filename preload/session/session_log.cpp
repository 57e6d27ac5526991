// SPDX-License-Identifier: Apache-2.0
#include "session/session_log.h"

#include <algorithm>
#include <cstring>

#include "sagemem/trace/wire.h"

namespace sagemem {

namespace {

constexpr std::size_t kMaxInfoBytes = 24 * 1024;
constexpr std::size_t kMaxTextBytes = 63;

// A payload in the making; what does not fit is dropped at the end.
class Payload {
 public:
  void number(std::uint64_t value) noexcept {
    if (sizeof data_ - size_ >= trace::kMaxVarintBytes) {
      size_ = static_cast<std::size_t>(trace::put_varint(data_ + size_, value) -
                                       data_);
    }
  }
  void bytes(const void* from, std::size_t count) noexcept {
    count = std::min(count, sizeof data_ - size_);
    std::memcpy(data_ + size_, from, count);
    size_ += count;
  }
  // Its length and itself, cut so that many such fit.
  void text(const char* from) noexcept {
    const std::size_t count = strnlen(from, kMaxTextBytes);
    number(count);
    bytes(from, count);
  }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::uint8_t data_[1024];
  std::size_t size_ = 0;
};

}  // namespace

void SessionLog::begin(TraceOutput& output, const Clock& clock) noexcept {
  output_ = &output;
  clock_ = &clock;
  listener_ = {
      this,
      [](void* log, std::uint32_t number, const LoadedObject& object) noexcept {
        static_cast<SessionLog*>(log)->module_loaded(number, object);
      },
      [](void* log, std::uint32_t number) noexcept {
        static_cast<SessionLog*>(log)->module_unloaded(number);
      }};
  records_.begin(output.first_segment(), trace::kSessionWriter, 0,
                 clock.ticks(), read_clock_ns(CLOCK_MONOTONIC));
}

bool SessionLog::make_room(std::size_t bytes) noexcept {
  if (records_.has_room(bytes)) return true;
  Segment next;
  TakeError error;
  if (!output_->take(1, next, error)) return false;
  output_->seal(records_.segment());
  records_.begin(next, trace::kSessionWriter, ++sequence_, clock_->ticks(),
                 read_clock_ns(CLOCK_MONOTONIC));
  return true;
}

void SessionLog::write(trace::Control type, const void* payload,
                       std::size_t bytes) noexcept {
  SpinGuard guard(lock_);
  if (!make_room(RecordWriter::control_bytes(bytes))) return;
  // Read under the lock, so stamps rise; max: clocks of two processors.
  const std::uint64_t ticks = std::max(clock_->ticks(), records_.last_ticks());
  records_.write_control(type, ticks, payload, bytes);
}

void SessionLog::info(const char* key, const char* value,
                      std::size_t bytes) noexcept {
  // Only called while the session starts, by one thread.
  static std::uint8_t payload[kMaxInfoBytes + 256];
  const std::size_t key_bytes = std::min<std::size_t>(std::strlen(key), 100);
  bytes = std::min(bytes, kMaxInfoBytes);
  std::uint8_t* out = trace::put_varint(payload, key_bytes);
  std::memcpy(out, key, key_bytes);
  std::memcpy(out + key_bytes, value, bytes);
  write(trace::Control::Info, payload,
        static_cast<std::size_t>(out - payload) + key_bytes + bytes);
}

void SessionLog::module_loaded(std::uint32_t number,
                               const LoadedObject& object) noexcept {
  Payload payload;
  payload.number(number);
  payload.number(object.flags);
  payload.number(object.bias);
  payload.number(object.start);
  payload.number(object.end);
  payload.number(object.build_id_bytes);
  payload.bytes(object.build_id, object.build_id_bytes);
  payload.bytes(object.path, std::strlen(object.path));
  write(trace::Control::ModuleLoad, payload.data(), payload.size());
}

void SessionLog::module_unloaded(std::uint32_t number) noexcept {
  Payload payload;
  payload.number(number);
  write(trace::Control::ModuleUnload, payload.data(), payload.size());
}

void SessionLog::forked(std::int32_t child) noexcept {
  Payload payload;
  payload.number(static_cast<std::uint32_t>(child));
  write(trace::Control::Fork, payload.data(), payload.size());
}

void SessionLog::rule(const RuleText& text) noexcept {
  Payload payload;
  payload.number(text.number);
  payload.number(static_cast<std::uint8_t>(text.use));
  payload.number(text.flags);
  payload.text(text.name);
  payload.number(text.capture_count);
  for (std::uint32_t i = 0; i < text.capture_count; ++i) {
    payload.number(text.captures[i].at_end ? trace::kCaptureAtEnd : 0);
    payload.text(text.captures[i].name);
  }
  write(trace::Control::ScopeRule, payload.data(), payload.size());
}

void SessionLog::probe(const ProbeText& text) noexcept {
  Payload payload;
  payload.number(text.rule);
  payload.number(text.role);
  payload.number(static_cast<std::uint8_t>(text.method));
  payload.number(static_cast<std::uint8_t>(text.reason));
  payload.number(text.address);
  payload.number(text.size);
  payload.bytes(text.symbol, std::strlen(text.symbol));
  write(trace::Control::Probe, payload.data(), payload.size());
}

void SessionLog::exec(const char* path) noexcept {
  write(trace::Control::Exec, path,
        std::min<std::size_t>(std::strlen(path), 4096));
}

}  // namespace sagemem
