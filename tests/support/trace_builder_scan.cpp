// SPDX-License-Identifier: Apache-2.0
//
// The records of a leak scan.
#include <vector>

#include "sagemem/trace/wire.h"
#include "trace_builder.h"

namespace sagemem::test {
namespace {

class Payload {
 public:
  void number(std::uint64_t value) {
    std::uint8_t bytes[trace::kMaxVarintBytes];
    bytes_.insert(bytes_.end(), bytes, trace::put_varint(bytes, value));
  }
  void address(std::uint64_t value, std::uint64_t previous) {
    std::uint8_t bytes[trace::kMaxVarintBytes + 1];
    bytes_.insert(bytes_.end(), bytes,
                  trace::put_address(bytes, value, previous));
  }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

void TraceBuilder::scan_words(std::uint32_t writer, std::uint64_t ticks,
                              const ScanText& scan) {
  Payload payload;
  std::uint64_t location =
      scan.words.empty() ? scan.start : scan.words.front().first;
  std::uint64_t value = 0;
  payload.number(scan.start);
  payload.number(scan.end);
  payload.number(static_cast<std::uint64_t>(scan.kind));
  payload.number(scan.flags);
  payload.number(location);
  for (const auto& [at, word] : scan.words) {
    payload.number((at - location) / 8 << 1);
    payload.address(word, value);
    location = at;
    value = word;
  }
  control(writer, ticks, static_cast<std::uint8_t>(trace::Control::ScanWords),
          payload.text());
}

void TraceBuilder::scan_thread(std::uint32_t writer, std::uint64_t ticks,
                               const ScanThreadText& thread) {
  Payload payload;
  payload.number(thread.tid);
  payload.number(static_cast<std::uint64_t>(thread.stop));
  payload.number(thread.stack_pointer);
  payload.number(thread.thread_pointer);
  for (const std::uint64_t value : thread.registers) payload.number(value);
  control(writer, ticks, static_cast<std::uint8_t>(trace::Control::ScanThread),
          payload.text());
}

void TraceBuilder::scan_end(std::uint32_t writer, std::uint64_t ticks,
                            trace::ScanOutcome outcome,
                            std::span<const std::uint64_t> numbers) {
  Payload payload;
  payload.number(static_cast<std::uint64_t>(outcome));
  for (const std::uint64_t number : numbers) payload.number(number);
  control(writer, ticks, static_cast<std::uint8_t>(trace::Control::ScanEnd),
          payload.text());
}

}  // namespace sagemem::test
