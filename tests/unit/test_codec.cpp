// SPDX-License-Identifier: Apache-2.0
//
// One segment's records: every kind with every flag comes back as it was
// written, stack changes and the two caches included, and nonsense ends the
// segment without taking what came before.
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "decode/event_reader.h"
#include "decode/trace_error.h"
#include "text_trace.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::BuilderOptions;
using test::Stack;
using test::TraceBuilder;
using trace::Api;
using trace::Kind;

// An event that outlives its reader.
struct Copy {
  Kind kind;
  Api api;
  unsigned alignment_log2;
  std::uint64_t ticks;
  std::uint64_t address;
  std::uint64_t size;
  Stack stack;
  std::int32_t tid;

  friend bool operator==(const Copy&, const Copy&) = default;
};

std::ostream& operator<<(std::ostream& out, const Copy& copy) {
  return out << static_cast<int>(copy.kind) << " at " << copy.ticks << " of "
             << copy.size << " at " << copy.address << " depth "
             << copy.stack.size();
}

struct Decoded {
  std::vector<Copy> events;  // without the control records
  std::vector<std::uint32_t> kept;
  decode::DecodeStats stats;
};

Decoded read_all(const TraceBuilder& trace) {
  const std::vector<std::uint8_t> bytes = trace.bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  decode::EventReader reader(file);
  Decoded result;
  while (const decode::Event* event = reader.next()) {
    if (event->kind == Kind::Control) continue;
    result.events.push_back({event->kind, event->api, event->alignment_log2,
                             event->ticks, event->address, event->size,
                             Stack(event->stack.begin(), event->stack.end()),
                             event->tid});
    result.kept.push_back(event->kept);
  }
  result.stats = reader.stats();
  return result;
}

const Stack kMain{0x401000};
const Stack kDeep{0x401000, 0x402000, 0x7f0000001234, 0x403001};

}  // namespace

TEST_CASE("every kind comes back with every field") {
  const bool stamp_always = GENERATE(true, false);
  const bool use_recent = GENERATE(true, false);
  const bool use_frame_cache = GENERATE(true, false);
  BuilderOptions options;
  options.stamp_always = stamp_always;
  options.use_recent = use_recent;
  options.use_frame_cache = use_frame_cache;
  TraceBuilder trace(options);
  trace.thread(1, 10, 77, "worker");
  trace.alloc(1, 10, 64, 0x1000, kDeep);
  trace.alloc(1, 11, 65, 0x2008, kMain, Api::AlignedAlloc, 3);
  trace.alloc(1, 11, 0, 0x3000, {}, Api::OperatorNewArray);
  trace.alloc_failed(1, 12, ~std::uint64_t{0}, kDeep, Api::Calloc);
  trace.alloc_failed(1, 12, 5, kMain, Api::Memalign, 63);
  trace.free(1, 13, 0x2008);
  trace.free(1, 14, 0x999990, Api::OperatorDelete);
  trace.free(1, 15, 0x3000, Api::FreeSized, kDeep);
  trace.realloc_begin(1, 16, 0x1000);
  trace.realloc_end(1, 17, 128, 0x7fff00000010, kDeep);
  trace.realloc_begin(1, 18, 0x7fff00000010);
  trace.realloc_end(1, 19, 129, 0, kDeep, Api::ReallocArray);
  trace.map(1, 20, 4096, 0x7f1234567000, kMain);
  trace.unmap(1, 21, 4096, 0x7f1234567000, kDeep);
  trace.map(1, 22, 8192, 0x5000, kDeep, Api::Brk);

  const Decoded got = read_all(trace);
  using E = Copy;
  const std::vector<Copy> want{
      E{Kind::Alloc, Api::Malloc, 0, 10, 0x1000, 64, kDeep, 77},
      E{Kind::Alloc, Api::AlignedAlloc, 3, 11, 0x2008, 65, kMain, 77},
      E{Kind::Alloc, Api::OperatorNewArray, 0, 11, 0x3000, 0, {}, 77},
      E{Kind::AllocFailed, Api::Calloc, 0, 12, 0, ~std::uint64_t{0}, kDeep, 77},
      E{Kind::AllocFailed, Api::Memalign, 63, 12, 0, 5, kMain, 77},
      E{Kind::Free, Api::Free, 0, 13, 0x2008, 0, kMain, 77},
      E{Kind::Free, Api::OperatorDelete, 0, 14, 0x999990, 0, kMain, 77},
      E{Kind::Free, Api::FreeSized, 0, 15, 0x3000, 0, kDeep, 77},
      E{Kind::ReallocBegin, Api::Unknown, 0, 16, 0x1000, 0, kDeep, 77},
      E{Kind::ReallocEnd, Api::Realloc, 0, 17, 0x7fff00000010, 128, kDeep, 77},
      E{Kind::ReallocBegin, Api::Unknown, 0, 18, 0x7fff00000010, 0, kDeep, 77},
      E{Kind::ReallocEnd, Api::ReallocArray, 0, 19, 0, 129, kDeep, 77},
      E{Kind::Map, Api::Mmap, 0, 20, 0x7f1234567000, 4096, kMain, 77},
      E{Kind::Unmap, Api::Munmap, 0, 21, 0x7f1234567000, 4096, kDeep, 77},
      E{Kind::Map, Api::Brk, 0, 22, 0x5000, 8192, kDeep, 77},
  };
  CHECK(got.events == want);
  CHECK(got.stats.torn_segments == 0);
  CHECK(got.stats.torn_bytes == 0);
}

TEST_CASE("kept says how much of the stack is the previous event's") {
  TraceBuilder trace;
  trace.alloc(1, 1, 1, 0x1000, {0x10, 0x20, 0x30});
  trace.alloc(1, 2, 1, 0x2000, {0x10, 0x20, 0x40, 0x50});
  trace.free(1, 3, 0x1000);
  trace.alloc(1, 4, 1, 0x3000, {0x10, 0x20, 0x40, 0x50});
  trace.alloc(1, 5, 1, 0x4000, {});
  trace.seal(1);
  trace.alloc(1, 6, 1, 0x5000, {0x10});
  CHECK(read_all(trace).kept == std::vector<std::uint32_t>{0, 2, 4, 4, 0, 0});
}

TEST_CASE("a stack of 4096 frames, and frames that share a cache slot") {
  Stack deep;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    deep.push_back(0x400000 + (i * i * 7919) % 0x1000000);
  }
  TraceBuilder trace;
  for (std::uint64_t round = 0; round < 20; ++round) {
    trace.alloc(1, round, 8, 0x1000 + 16 * round, deep);
    trace.alloc(1, round, 8, 0x9000 + 16 * round, kMain);
  }
  const Decoded got = read_all(trace);
  REQUIRE(got.events.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(got.events[i].stack == (i % 2 == 0 ? deep : kMain));
  }
}

TEST_CASE("blocks that share a slot of the recent cache") {
  // 1000 live blocks on 256 slots: most lose theirs to a later one.
  TraceBuilder trace;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    trace.alloc(1, i, i, 0x10000 + 32 * i, kMain);
  }
  for (std::uint64_t i = 0; i < 1000; ++i) {
    trace.free(1, 2000 + i, 0x10000 + 32 * ((i * 7) % 1000));
  }
  const Decoded got = read_all(trace);
  REQUIRE(got.events.size() == 2000);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    REQUIRE(got.events[1000 + i].address == 0x10000 + 32 * ((i * 7) % 1000));
  }
}

TEST_CASE("a full segment is continued in the next one") {
  const std::uint32_t units = GENERATE(1u, 2u, 4u);
  BuilderOptions options;
  options.segment_units = units;
  TraceBuilder trace(options);
  trace.thread(1, 0, 5, "main");
  const std::uint64_t count = 100000;
  for (std::uint64_t i = 0; i < count; ++i) {
    trace.alloc(1, i, i, 0x10000 + 16 * i, i % 3 == 0 ? kMain : kDeep);
  }
  REQUIRE(trace.segments() > 2);
  const Decoded got = read_all(trace);
  REQUIRE(got.events.size() == count);
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(got.events[i].size == i);
    REQUIRE(got.events[i].stack == (i % 3 == 0 ? kMain : kDeep));
    REQUIRE(got.events[i].tid == 5);
  }
}

TEST_CASE("control records come back, as text") {
  const std::string text =
      "0 session info command ls\\x00-l\n"
      "0 session info environment LD_PRELOAD=a b\\x5cc\n"
      "1 session module 0 0x400000-0x500000 bias 0x400000 id 0a1bff exe "
      "/bin/a program\n"
      "2 session module 7 0x7f0000000000-0x7f0000001000 bias 0x7f0000000000 "
      "recorder /lib/libsagemem.so\n"
      "3 session resident 1048576 4096\n"
      "4 t7 thread w1 main\n"
      "5 session fork 123\n"
      "6 session exec /bin/sh\n"
      "6 session rule 1 scope forest built-in (number,nhalos@end)\n"
      "6 session rule 300 scope all\\x20\\x28of\\x2c\\x40it process\n"
      "6 session rule 2 label type (value)\n"
      "6 session rule 3 note nhalos\n"
      "6 session probe 1 begin end call-through 0x401000 288 "
      "sage_per_forest\n"
      "6 session probe 1 begin entry-only stack-arguments 0x401000 288 f g\n"
      "6 session probe 1 end int3 too-short 0x402000 3 f\n"
      "6 session probe 1 none no-symbol 0x0 0\n"
      "6 session probe 1 begin inferred protect-refused 0x402000 3 f\n"
      "6 session probe 3 begin marker 0x0 0\n"
      "7 t7 thread w1\n"
      "8 session unload 7\n"
      "9 session snapshot\n"
      "9 t7 snapshot before merging\n"
      "10 t7 scan_words 0x1000-0x9000 heap 0x1010=0x2040 0x8ff8=0x2041\n"
      "10 t7 scan_words 0x20000-0x21000 anonymous guarded 0x20000=0x20000\n"
      "10 t7 scan_words 0x30000-0x31000 stack 0x30ff8=0x2040\n"
      "10 t7 scan_words 0x40000-0x41000 file 0x40000=0xffffffffffffffff\n"
      "10 t7 scan_words 0x50000-0x51000 shared 0x50000=0x1\n"
      "11 t7 scan_thread 7 own sp 0x30100 tp 0x7f00 0x2040 0x2050\n"
      "11 t7 scan_thread 8 stopped sp 0x40100 tp 0x0\n"
      "11 t7 scan_thread 9 missed sp 0x0 tp 0x0\n"
      "11 t7 scan_thread 10 gone sp 0x0 tp 0x0\n"
      "12 t7 scan_end threads_missed records 9 words 7 bytes 4096 unread 8 ns "
      "5 "
      "threads 4 missed 1\n";
  const std::vector<std::uint8_t> bytes = test::text_to_trace(text).bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  CHECK(test::trace_to_text(file) == text);
}

TEST_CASE("the events of scopes come back, as text") {
  const std::string text =
      "1 t7 thread w1\n"
      "1 t7 scope_begin 1 812 -5\n"
      "2 t7 scope_begin 18446744073709551615 process\n"
      "2 t7 malloc 64 -> 0x1000 @ 0x401000\n"
      "2 t7 label 3 2\n"
      "3 t7 note 4 9223372036854775807\n"
      "4 t7 malloc 64 -> 0x2000 @ 0x401000\n"
      "5 t7 scope_end 0 abandoned 1 2 3 4 5 6 7 -9223372036854775808\n"
      "6 t7 scope_end 1\n";
  BuilderOptions options;
  options.stamp_always = GENERATE(true, false);
  const std::vector<std::uint8_t> bytes =
      test::text_to_trace(text, options).bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  CHECK(test::trace_to_text(file) == text);
}

TEST_CASE("rules and probes of later versions are read") {
  TraceBuilder trace;
  test::RuleText rule;
  rule.name = "later";
  rule.use = static_cast<trace::RuleUse>(200);
  for (int i = 0; i < 16; ++i) rule.captures.push_back({"c", i % 2 != 0});
  trace.scope_rule(1, rule);
  test::ProbeText probe;
  probe.method = static_cast<trace::ProbeMethod>(100);
  probe.reason = static_cast<trace::ProbeReason>(255);
  trace.probe(1, probe);
  const std::vector<std::uint8_t> bytes = trace.bytes();
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  const std::string captures = "c,c@end,c,c@end,c,c@end,c,c@end";
  CHECK(test::trace_to_text(file) ==
        "1 session rule 0 unknown later (" + captures + "," + captures +
            ")\n1 session probe 0 unknown unknown 0x0 0\n");
}

TEST_CASE("an unknown control record is skipped, a required one refused") {
  TraceBuilder trace;
  trace.alloc(1, 1, 64, 0x1000, kMain);
  trace.control(1, 2, 99, "of a later version");
  trace.alloc(1, 3, 64, 0x2000, kDeep);
  CHECK(read_all(trace).events.size() == 2);
  trace.control(1, 4, 99, "of a later version", true);
  CHECK_THROWS_AS(read_all(trace), decode::TraceError);
}

TEST_CASE("a known control record may carry more than this version reads") {
  TraceBuilder trace;
  const std::string payload("\x05\x06\x07\x08", 4);
  trace.control(0, 1, static_cast<std::uint8_t>(trace::Control::Resident),
                payload);
  trace.alloc(1, 3, 64, 0x2000, kDeep);
  const Decoded got = read_all(trace);
  CHECK(got.events.size() == 1);
  CHECK(got.stats.torn_bytes == 0);
}

TEST_CASE("a record that makes no sense ends its segment only") {
  using Bytes = std::vector<std::uint8_t>;
  const auto [name, bad] = GENERATE(table<std::string, Bytes>({
      {"kind 0", {0x00, 0x00}},
      {"kind 12", {0x8c, 0x00}},
      {"free with an alignment's neighbour flag on realloc_end", {0x44, 0x00}},
      {"realloc_begin with a stack", {0x13, 0x00, 0x00, 0x00}},
      {"control with an api", {0x2f, 0x01, 0x00}},
      {"stamp cut off", {0x81, 0x80}},
      {"stamp that turns time around",
       {0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
      {"more pops than frames", {0x11, 0x05, 0x00, 0x01, 0x02}},
      {"2^60 pushes",
       {0x11, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10}},
      {"a frame slot beyond the cache", {0x11, 0x00, 0x01, 0x80, 0x80, 0x01}},
      {"frames cut off", {0x11, 0x00, 0x02, 0x03}},
      {"no size", {0x01}},
      {"no address", {0x01, 0x05}},
      {"alignment 2^64", {0x41, 0x05, 0x02, 0x40}},
      {"alloc at address 0", {0x01, 0x05, 0xfe, 0x07}},
      {"control longer than the segment", {0x0f, 0x01, 0x7f, 0x00}},
      {"control without a type", {0x0f}},
      {"info key longer than the record", {0x0f, 0x01, 0x02, 0x05, 0x41}},
      {"thread id of 64 bits",
       {0x0f, 0x02, 0x06, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
      {"module that ends before it starts",
       {0x0f, 0x03, 0x06, 0x00, 0x00, 0x00, 0x09, 0x08, 0x00}},
      {"scope without a rule", {0x08}},
      {"scope without values", {0x08, 0x01}},
      {"nine values", {0x08, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
      {"2^63 values",
       {0x09, 0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}},
      {"values cut off", {0x0b, 0x01, 0x02, 0x05}},
      {"a label that was abandoned", {0x1a, 0x01, 0x00}},
      {"scope_end with a stack's neighbour flag", {0x29, 0x01, 0x00}},
      {"rule name longer than the record", {0x0f, 8, 5, 1, 0, 0, 2, 0x41}},
      {"17 captures", {0x0f, 8, 6, 1, 0, 0, 1, 0x41, 17}},
      {"captures cut off", {0x0f, 8, 8, 1, 0, 0, 1, 0x41, 2, 0, 0}},
      {"rule without a use", {0x0f, 8, 1, 1}},
      {"probe without a size", {0x0f, 9, 5, 1, 0, 0, 0, 0}},
      {"probe method 300", {0x0f, 9, 7, 1, 0, 0xac, 2, 0, 0, 0}},
      {"build id of 65 bytes",
       {0x0f, 0x03, 0x07, 0x00, 0x00, 0x00, 0x01, 0x08, 0x41, 0x00}},
  }));
  CAPTURE(name);
  TraceBuilder trace;
  trace.alloc(1, 1, 64, 0x1000, kMain);
  trace.alloc(2, 2, 64, 0x2000, kMain);
  trace.raw(1, bad);
  trace.seal(1);
  trace.alloc(1, 3, 64, 0x3000, kDeep);
  const Decoded got = read_all(trace);
  REQUIRE(got.events.size() == 3);
  CHECK(got.events[0].address == 0x1000);
  CHECK(got.events[1].address == 0x2000);
  CHECK(got.events[2].address == 0x3000);
  CHECK(got.stats.torn_segments == 1);
  CHECK(got.stats.torn_bytes == bad.size());
}
