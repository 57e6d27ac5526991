// SPDX-License-Identifier: Apache-2.0
//
// The merge of the writers: one order, whatever the file's layout, and each
// writer's own order above all.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <vector>

#include "decode/event_reader.h"
#include "random_program.h"
#include "text_trace.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::BuilderOptions;
using test::TraceBuilder;

struct Seen {
  std::uint32_t writer;
  std::uint64_t ticks;
  std::uint64_t address;
  std::int32_t tid;

  friend bool operator==(const Seen&, const Seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << "w" << seen.writer << " " << seen.ticks << " " << seen.address;
}

std::vector<Seen> read_all(const std::vector<std::uint8_t>& bytes,
                           decode::DecodeStats* stats = nullptr) {
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  decode::EventReader reader(file);
  std::vector<Seen> result;
  while (const decode::Event* event = reader.next()) {
    if (event->kind == trace::Kind::Control) continue;
    result.push_back({event->writer, event->ticks, event->address, event->tid});
  }
  if (stats != nullptr) *stats = reader.stats();
  return result;
}

std::string merged_text(const TraceBuilder& trace) {
  const std::vector<std::uint8_t> bytes = trace.bytes();
  return test::trace_to_text(decode::TraceFile(decode::wrap_bytes(bytes)));
}

}  // namespace

TEST_CASE("writers are merged by stamp") {
  TraceBuilder trace;
  trace.alloc(2, 20, 1, 0x20, {});
  trace.alloc(1, 10, 1, 0x10, {});
  trace.alloc(1, 30, 1, 0x30, {});
  trace.alloc(2, 40, 1, 0x40, {});
  trace.alloc(7, 25, 1, 0x25, {});
  const std::vector<Seen> want{{1, 10, 0x10, 0},
                               {2, 20, 0x20, 0},
                               {7, 25, 0x25, 0},
                               {1, 30, 0x30, 0},
                               {2, 40, 0x40, 0}};
  CHECK(read_all(trace.bytes()) == want);
}

TEST_CASE("at equal stamps: session, releases, lower writer") {
  const std::string text =
      "100 session resident 1 0\n"
      "100 t2 thread w2\n"
      "100 t3 thread w3\n"
      "100 t3 free 0x1000\n"
      "100 t2 malloc 1 -> 0x1000\n"
      "100 t3 malloc 1 -> 0x3000\n";
  CHECK(merged_text(test::text_to_trace(text)) == text);
}

TEST_CASE("a writer's own order stands above its stamps") {
  BuilderOptions options;
  options.max_segment_bytes = 1;
  TraceBuilder trace(options);
  trace.alloc(1, 100, 1, 0x10, {});
  trace.alloc(1, 50, 1, 0x20, {});  // a segment that starts earlier
  trace.alloc(1, 70, 1, 0x30, {});
  trace.alloc(2, 60, 1, 0x40, {});
  std::vector<std::uint64_t> addresses;
  for (const Seen& seen : read_all(trace.bytes())) {
    if (seen.writer == 1) addresses.push_back(seen.address);
  }
  CHECK(addresses == std::vector<std::uint64_t>{0x10, 0x20, 0x30});
}

TEST_CASE("the records of a recycled writer belong to its thread of then") {
  TraceBuilder trace;
  trace.thread(1, 1, 11, "first");
  trace.alloc(1, 2, 1, 0x10, {});
  trace.thread(1, 3, 12, "second");
  trace.alloc(1, 4, 1, 0x20, {});
  trace.seal(1);
  trace.alloc(1, 5, 1, 0x30, {});
  const std::vector<Seen> seen = read_all(trace.bytes());
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].tid == 11);
  CHECK(seen[1].tid == 12);
  CHECK(seen[2].tid == 12);
}

TEST_CASE("segments may lie anywhere in the file") {
  BuilderOptions options;
  options.max_segment_bytes = 40;
  TraceBuilder trace(options);
  trace.info(0, "command", "prog");
  for (std::uint64_t i = 0; i < 60; ++i) {
    trace.alloc(1 + static_cast<std::uint32_t>(i % 3), 10 + i, i,
                0x1000 + 16 * i, {0x400000 + i});
  }
  std::vector<std::uint8_t> bytes = trace.bytes();
  const std::vector<Seen> want = read_all(bytes);
  REQUIRE(want.size() == 60);
  // Reverse all units behind the first.
  const std::size_t units = bytes.size() / trace::kUnitBytes;
  REQUIRE(units > 10);
  std::vector<std::uint8_t> reversed = bytes;
  for (std::size_t i = 1; i < units; ++i) {
    std::memcpy(reversed.data() + i * trace::kUnitBytes,
                bytes.data() + (units - i) * trace::kUnitBytes,
                trace::kUnitBytes);
  }
  CHECK(read_all(reversed) == want);
}

TEST_CASE("many writers with interleaved events come in order") {
  test::ProgramOptions program;
  program.steps = 20000;
  program.threads = 200;
  program.max_live = 5000;
  const std::vector<test::Step> steps = test::make_program(program);
  TraceBuilder trace;
  append(steps, trace);
  const std::vector<Seen> seen = read_all(trace.bytes());
  REQUIRE(seen.size() == steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    REQUIRE(seen[i].writer == steps[i].writer);
    REQUIRE(seen[i].ticks == steps[i].ticks);
    REQUIRE(seen[i].address == steps[i].address);
  }
}

TEST_CASE("a bad checksum costs its segment") {
  TraceBuilder trace;
  trace.alloc(1, 1, 1, 0x10, {});
  trace.seal(1);
  trace.alloc(1, 2, 1, 0x20, {});
  trace.seal(1);
  trace.alloc(1, 3, 1, 0x30, {});
  std::vector<std::uint8_t> bytes = trace.bytes();
  bytes[2 * trace::kUnitBytes + sizeof(trace::SegmentHeader) + 2] ^= 1;
  decode::DecodeStats stats;
  const std::vector<Seen> seen = read_all(bytes, &stats);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].address == 0x10);
  CHECK(seen[1].address == 0x30);
  CHECK(stats.torn_segments == 1);
  CHECK(stats.torn_bytes > 0);
}

TEST_CASE("a segment that the file cuts short gives what is there") {
  TraceBuilder trace;
  for (std::uint64_t i = 0; i < 100; ++i) {
    trace.alloc(1, i, i, 0x1000 + 16 * i, {});
  }
  std::vector<std::uint8_t> bytes = trace.bytes();
  bytes.resize(trace::kUnitBytes + sizeof(trace::SegmentHeader) + 101);
  decode::DecodeStats stats;
  const std::vector<Seen> seen = read_all(bytes, &stats);
  CHECK(seen.size() > 10);
  CHECK(seen.size() < 100);
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i].ticks == i);
  CHECK(stats.torn_segments == 1);
  CHECK(stats.torn_bytes > 0);
}

TEST_CASE("an open segment has no checksum and reads up to committed") {
  BuilderOptions options;
  options.seal_last = false;
  TraceBuilder trace(options);
  trace.alloc(1, 1, 1, 0x10, {});
  trace.alloc(1, 2, 1, 0x20, {});
  decode::DecodeStats stats;
  CHECK(read_all(trace.bytes(), &stats).size() == 2);
  CHECK(stats.torn_segments == 0);
}

TEST_CASE("writers without a readable record are passed over") {
  TraceBuilder trace;
  trace.segment(1);
  trace.alloc(2, 1, 1, 0x20, {});
  trace.raw(3, std::vector<std::uint8_t>{0});
  CHECK(read_all(trace.bytes()).size() == 1);
}
