// SPDX-License-Identifier: Apache-2.0
//
// The worked example of sagemem-trace(5), taken from the page itself: its bytes
// are what the recorder's encoder writes for these calls, and the analyzer
// reads from them what the page says.
//
//   b0 09         stamp: +1200          bytes, then what they are
//   => 1200 t4711 malloc 24 -> ...      the record that they make up
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "decode/segment_reader.h"
#include "decode/text.h"
#include "encode/record_writer.h"
#include "encode/stack_delta.h"

namespace {

using namespace sagemem;
using Bytes = std::vector<std::uint8_t>;
using Stack = std::vector<std::uint64_t>;

constexpr std::uint64_t kStartTicks = 5'000'000;
constexpr std::int64_t kStartNs = 2'000'000;

struct Example {
  trace::SegmentHeader header;
  Bytes records;
  std::vector<std::string> texts;
};

// The hexadecimal bytes at the start of a line, up to the first other word.
Bytes leading_bytes(const std::string& line) {
  Bytes bytes;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    if (word.size() != 2 ||
        word.find_first_not_of("0123456789abcdef") != std::string::npos) {
      break;
    }
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
  }
  return bytes;
}

Example read_example() {
  std::ifstream page(SAGEMEM_TRACE_MANUAL);
  std::string line;
  while (std::getline(page, line) && line != ".Sh EXAMPLES") {
  }
  Example example{};
  Bytes all;
  while (std::getline(page, line)) {
    if (line.starts_with("=> ")) {
      example.texts.push_back(line.substr(3));
    } else if (!line.starts_with('.')) {
      const Bytes bytes = leading_bytes(line);
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
  }
  REQUIRE(all.size() > sizeof example.header);
  std::memcpy(&example.header, all.data(), sizeof example.header);
  example.records.assign(all.begin() + sizeof example.header, all.end());
  return example;
}

// A segment in memory, and the calls of the example made on it.
class Recorder {
 public:
  Recorder() {
    header_.bytes = trace::kUnitBytes;
    Segment segment;
    segment.header = &header_;
    segment.records = records_.data();
    segment.end = records_.data() + records_.size();
    writer_.begin(segment, 1, 0, kStartTicks, kStartNs);
  }

  // `frames`: outermost first.
  void block(trace::Kind kind, trace::Api api, std::uint64_t elapsed,
             const Stack& frames, std::uint64_t size, std::uint64_t address,
             std::uint64_t alignment = 0) {
    const auto same =
        std::mismatch(frames.begin(), frames.end(), last_.begin(), last_.end());
    std::vector<StackFrame> places;
    for (const std::uint64_t pc : frames) places.push_back({0, pc});
    StackDelta delta{};
    delta.frames = places.data();
    delta.depth = static_cast<std::uint32_t>(frames.size());
    delta.kept = static_cast<std::uint32_t>(same.first - frames.begin());
    delta.last_depth = static_cast<std::uint32_t>(last_.size());
    writer_.write_block(kind, api, kStartTicks + elapsed, delta, size, address,
                        alignment);
    last_ = frames;
  }
  void release(trace::Kind kind, std::uint64_t elapsed, std::uint64_t address) {
    writer_.write_release(kind, trace::Api::Free, kStartTicks + elapsed,
                          address);
  }
  void thread(const Bytes& payload) {
    writer_.write_control(trace::Control::Thread, kStartTicks, payload.data(),
                          payload.size());
  }

  [[nodiscard]] Bytes records() const {
    return {records_.begin(), records_.begin() + header_.committed};
  }
  [[nodiscard]] const trace::SegmentHeader& header() const { return header_; }

 private:
  trace::SegmentHeader header_{};
  std::array<std::uint8_t, 4096> records_{};
  RecordWriter writer_;
  Stack last_;
};

void record_example(Recorder& recorder) {
  using trace::Api;
  using trace::Kind;
  recorder.thread({0xe7, 0x24, 's', 'a', 'g', 'e'});
  recorder.block(Kind::Alloc, Api::Malloc, 1200, {0x401136, 0x4011a9}, 24,
                 0x4052a0);
  recorder.block(Kind::Alloc, Api::Malloc, 1500, {0x401136, 0x4011c4}, 100,
                 0x4052c0);
  recorder.release(Kind::Free, 1590, 0x4052a0);
  recorder.release(Kind::ReallocBegin, 3590, 0x4052c0);
  recorder.block(Kind::ReallocEnd, Api::Realloc, 3700, {0x401136, 0x4011a9},
                 400, 0x4052c0);
  recorder.block(Kind::Alloc, Api::PosixMemalign, 3775, {0x401136, 0x4011a9},
                 4096, 0x406000, 4096);
}

}  // namespace

TEST_CASE("the bytes of the example are the recorder's") {
  const Example example = read_example();
  Recorder recorder;
  record_example(recorder);
  CHECK(example.records == recorder.records());
  trace::SegmentHeader want = recorder.header();
  want.sealed = 1;
  want.checksum = XXH3_64bits(example.records.data(), want.committed);
  CHECK(std::memcmp(&example.header, &want, sizeof want) == 0);
}

TEST_CASE("the analyzer reads the example as the page says") {
  const Example example = read_example();
  decode::Segment segment;
  segment.start_ticks = example.header.start_ticks;
  decode::SegmentReader reader;
  reader.start(segment, example.records);
  decode::Event event;
  std::vector<std::string> texts;
  decode::TextStyle style;
  style.start_ticks = kStartTicks;
  while (reader.read(event)) {
    event.writer = example.header.writer;
    event.tid = 4711;
    texts.push_back(decode::print_event(event, style));
  }
  CHECK(reader.torn_bytes() == 0);
  CHECK(texts == example.texts);
}
