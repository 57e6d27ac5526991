// SPDX-License-Identifier: Apache-2.0
//
// Memory: a small file must not make the analyzer ask for much, whatever it
// claims, and a long trace not for more than a short one.  operator new counts.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

#include "decode/trace_error.h"
#include "model/replay.h"
#include "random_program.h"
#include "trace_builder.h"

namespace {

// A replay may have a thread of its own.
std::atomic<std::size_t> g_bytes_now = 0;
std::atomic<std::size_t> g_bytes_peak = 0;

void* count_new(std::size_t size, std::size_t alignment = 16) {
  void* const block = ::memalign(alignment, size);
  if (block == nullptr) throw std::bad_alloc();
  const std::size_t size_now = ::malloc_usable_size(block);
  const std::size_t now = g_bytes_now += size_now;
  std::size_t peak = g_bytes_peak;
  while (peak < now && !g_bytes_peak.compare_exchange_weak(peak, now)) {
  }
  return block;
}

void count_delete(void* block) {
  if (block != nullptr) g_bytes_now -= ::malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return count_new(size);
}
void* operator new[](std::size_t size) {
  return count_new(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return count_new(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block, std::align_val_t) noexcept {
  count_delete(block);
}
void operator delete(void* block) noexcept {
  count_delete(block);
}
void operator delete[](void* block) noexcept {
  count_delete(block);
}
void operator delete(void* block, std::size_t) noexcept {
  count_delete(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  count_delete(block);
}

namespace {

using namespace sagemem;
using test::BuilderOptions;
using test::TraceBuilder;

// What an empty trace takes: caches, the first tables.
constexpr std::size_t kFixed = 4u << 20;

// The most memory in use while the trace is opened and replayed, the profile
// included; 0 for a trace that is refused.
std::size_t replay_peak(const std::vector<std::uint8_t>& bytes,
                        model::Threads threads = model::Threads::Auto) {
  const std::size_t before = g_bytes_now;
  g_bytes_peak = before;
  model::ReplayOptions options;
  options.threads = threads;
  try {
    model::replay(decode::TraceFile(decode::wrap_bytes(bytes)), options);
  } catch (const decode::TraceError&) {
    return 0;
  }
  return g_bytes_peak - before;
}

std::vector<std::uint8_t> busy_trace(std::uint64_t pairs) {
  TraceBuilder trace;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    trace.alloc(1, 2 * i, 100, 0x1000 + 16 * (i % 64),
                {0x400000, 0x401000 + 16 * (i % 100)});
    trace.free(1, 2 * i + 1, 0x1000 + 16 * (i % 64));
  }
  return trace.bytes();
}

}  // namespace

TEST_CASE("memory does not grow with the number of events") {
  const auto threads = GENERATE(model::Threads::One, model::Threads::Two);
  const std::size_t few = replay_peak(busy_trace(20'000), threads);
  const std::vector<std::uint8_t> many = busy_trace(1'000'000);
  REQUIRE(many.size() > 8u << 20);
  // The segment index is what grows: 80 bytes for 64 KiB.
  CHECK(replay_peak(many, threads) < few + (64u << 10));
  CHECK(few < kFixed);
}

TEST_CASE("writers that are done hold no buffer") {
  TraceBuilder trace;
  for (std::uint32_t writer = 1; writer <= 500; ++writer) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      trace.alloc(writer, 1000 * writer + 2 * i, 8, 0x1000 + 16 * i,
                  {0x400000 + i});
      trace.free(writer, 1000 * writer + 2 * i + 1, 0x1000 + 16 * i);
    }
  }
  CHECK(replay_peak(trace.bytes()) < kFixed);
}

TEST_CASE("huge claims cost nothing") {
  const std::uint64_t huge = GENERATE(
      std::uint64_t{1} << 31, std::uint64_t{1} << 40, std::uint64_t{1} << 62,
      std::numeric_limits<std::uint64_t>::max());
  TraceBuilder trace;
  test::ModuleText module;
  module.number = huge;
  module.end = huge;
  module.path = "/lib/a.so";
  trace.load_module(0, module);
  trace.unload_module(1, huge - 1);
  trace.resident(1, huge, huge);
  trace.alloc(0xffffffff, 1, huge, 0x1000, {huge, 1, huge});
  trace.alloc(1, huge, huge, huge & ~std::uint64_t{15}, {});
  trace.map(1, huge, huge, huge, {});
  trace.unmap(1, huge, huge, 1, {});
  trace.segment(1).sequence = huge;
  trace.header.next_unit = huge;
  trace.header.end_ticks = huge;
  trace.header.writers = 0xffffffff;
  const std::size_t peak = replay_peak(trace.bytes());
  CHECK(peak > 0);
  CHECK(peak < kFixed);
}

TEST_CASE("counts inside records that no segment can hold") {
  // alloc with a stack: pop 0, push 2^63; control of 2^63 bytes; info key.
  using Bytes = std::vector<std::uint8_t>;
  const Bytes count{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
  for (const Bytes& start :
       {Bytes{0x11, 0x00}, Bytes{0x0f, 0x01}, Bytes{0x0f, 0x01, 0x0b}}) {
    TraceBuilder trace;
    trace.alloc(1, 1, 8, 0x1000, {0x400000});
    Bytes record = start;
    record.insert(record.end(), count.begin(), count.end());
    trace.raw(1, record);
    CHECK(replay_peak(trace.bytes()) < kFixed);
  }
}

TEST_CASE("scopes, labels and rules without end") {
  SECTION("deeper and deeper, with a block in each") {
    TraceBuilder trace;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      trace.scope_begin(1, i, i % 3, {1}, i % 7 == 0);
      trace.alloc(1 + i % 2, i, 8, 0x1000 + 16 * i, {0x400000});
    }
    const std::vector<std::uint8_t> bytes = trace.bytes();
    CHECK(replay_peak(bytes) < kFixed + 30 * bytes.size());
  }
  SECTION("one after the other") {
    TraceBuilder trace;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
      trace.scope_begin(1, i, 1, {1, 2, 3}, i % 2 == 0);
      trace.note(1, i, i, {5});
      trace.alloc(2, i, 8, 0x1000 + 16 * i, {0x400000});
      trace.scope_end(1, i, 1, {1});
    }
    const std::vector<std::uint8_t> bytes = trace.bytes();
    CHECK(replay_peak(bytes) < kFixed + 150 * bytes.size());
  }
  SECTION("a new value of a label each time") {
    TraceBuilder trace;
    for (std::uint64_t i = 0; i < 50'000; ++i) {
      trace.label(1, i, i % 10, {static_cast<std::int64_t>(i)});
      trace.alloc(1, i, 8, 0x1000 + 16 * i, {0x400000});
    }
    const std::vector<std::uint8_t> bytes = trace.bytes();
    CHECK(replay_peak(bytes) < kFixed + 150 * bytes.size());
  }
}

TEST_CASE("the densest trace takes a bounded multiple of its size") {
  SECTION("one new frame a byte") {
    // Cached frames in ever new orders: each makes a node of the stack tree.
    TraceBuilder trace;
    test::Random random(1);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      test::Stack stack;
      for (int depth = 0; depth < 20; ++depth) {
        stack.push_back(0x400000 + random.below(60));
      }
      trace.alloc(1, i, 0, 0x1000 + 16 * i, stack);
    }
    const std::vector<std::uint8_t> bytes = trace.bytes();
    CHECK(replay_peak(bytes) < kFixed + 150 * bytes.size());
  }
  SECTION("one live block every four bytes") {
    TraceBuilder trace;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
      trace.alloc(1, 0, 0, 0x1000 + 16 * i, {});
    }
    const std::vector<std::uint8_t> bytes = trace.bytes();
    CHECK(replay_peak(bytes) < kFixed + 30 * bytes.size());
  }
}
