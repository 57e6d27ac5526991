// SPDX-License-Identifier: Apache-2.0
//
// Damaged traces, under AddressSanitizer and UBSan: whatever is cut off or
// overwritten, a trace is read or refused, and what is read from a cut trace is
// the beginning of what each of its threads did.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "decode/event_reader.h"
#include "decode/trace_error.h"
#include "model/replay.h"
#include "mutation.h"
#include "random_program.h"
#include "trace_builder.h"

// A claim of the file that turns into memory is refused by the allocator, and
// ends the test: the largest trace here is a hundred times smaller.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "max_allocation_size_mb=64:quarantine_size_mb=8";
}

namespace {

using namespace sagemem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kEdges[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

// Enough of an event to tell it from any other.
struct Seen {
  trace::Kind kind;
  std::uint64_t ticks;
  std::uint64_t address;
  std::uint64_t size;
  std::size_t depth;
  std::uint64_t innermost;

  friend bool operator==(const Seen&, const Seen&) = default;
};
using ByWriter = std::map<std::uint32_t, std::vector<Seen>>;

Seen see(const decode::Event& event) {
  return {event.kind,         event.ticks,
          event.address,      event.size,
          event.stack.size(), event.stack.empty() ? 0 : event.stack.back()};
}

ByWriter read_all(std::span<const std::uint8_t> bytes) {
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  decode::EventReader reader(file);
  ByWriter result;
  while (const decode::Event* event = reader.next()) {
    result[event->writer].push_back(see(*event));
  }
  return result;
}

// Compares while it reads: the same as read_all() without keeping anything.
bool reads_a_prefix(std::span<const std::uint8_t> bytes,
                    const ByWriter& whole) {
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  decode::EventReader reader(file);
  std::map<std::uint32_t, std::size_t> done;
  while (const decode::Event* event = reader.next()) {
    const std::vector<Seen>& events = whole.at(event->writer);
    const std::size_t position = done[event->writer]++;
    if (position >= events.size() || !(events[position] == see(*event))) {
      return false;
    }
  }
  return true;
}

Bytes make_trace(std::uint64_t seed, bool is_sealed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 150;
  program.threads = 2;
  program.max_live = 20;
  program.has_scopes = true;
  test::BuilderOptions options;
  options.max_segment_bytes = 450;
  options.seal_all = is_sealed;
  test::TraceBuilder trace(options);
  trace.info(0, "command", "prog");
  trace.load_module(0, {0, 0x400000, 0x500000, 0x400000, {1, 2, 3}, 2, "/p"});
  test::append_probes(trace);
  test::append_rules(trace, 0);
  append(test::make_program(program), trace);
  trace.snapshot(0, 4999, "the end");
  trace.resident(5000, 100000, 10);
  trace.unload_module(6000, 0);
  return trace.bytes();
}

// Every byte that says something is a place to cut; of the padding between
// segments, which is zeros, every 61st.
std::size_t step(const Bytes& whole, std::size_t size) {
  const auto next = whole.begin() + static_cast<std::ptrdiff_t>(size);
  const auto end = whole.end() - next > 200 ? next + 200 : whole.end();
  return std::all_of(next, end, [](std::uint8_t byte) { return byte == 0; })
             ? std::min<std::size_t>(61, static_cast<std::size_t>(end - next))
             : 1;
}

// The parts of the file that are not padding.
std::vector<std::span<std::uint8_t>> used_parts(Bytes& bytes) {
  const std::span<std::uint8_t> all(bytes);
  std::vector<std::span<std::uint8_t>> parts{
      all.subspan(0, 656), all.subspan(trace::kHeaderBytes, 300)};
  for (std::size_t unit = trace::kUnitBytes; unit < bytes.size();
       unit += trace::kUnitBytes) {
    parts.push_back(all.subspan(unit, 800));
    parts.push_back(all.subspan(unit, sizeof(trace::SegmentHeader)));
  }
  return parts;
}

// Read or refused, and nothing invented.
bool survives(std::span<const std::uint8_t> bytes) {
  try {
    const decode::TraceFile file(decode::wrap_bytes(bytes));
    return model::replay(file).events <= bytes.size();
  } catch (const decode::TraceError&) {
    return true;
  }
}

}  // namespace

TEST_CASE("a trace cut at every byte reads as a prefix of each writer") {
  const Bytes whole = make_trace(1, true);
  const ByWriter want = read_all(whole);
  REQUIRE(whole.size() / trace::kUnitBytes >= 4);
  REQUIRE(want.size() == 3);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); size += step(whole, size)) {
    try {
      if (!reads_a_prefix(std::span(whole).first(size), want)) {
        FAIL("no prefix when cut at " << size);
      }
    } catch (const decode::TraceError&) {
      ++refused;
    }
  }
  // Without its header and the header of its first segment it is no trace.
  CHECK(refused > 0);
  const auto least = trace::kHeaderBytes + sizeof(trace::SegmentHeader);
  CHECK_NOTHROW(read_all(std::span(whole).first(least)));
  CHECK_THROWS_AS(read_all(std::span(whole).first(least - 1)),
                  decode::TraceError);
}

TEST_CASE("a cut trace replays, and never claims to be exact") {
  const bool is_sealed = GENERATE(true, false);
  const Bytes whole = make_trace(2, is_sealed);
  const std::uint64_t all =
      model::replay(decode::TraceFile(decode::wrap_bytes(whole))).events;
  for (std::size_t size = trace::kHeaderBytes + sizeof(trace::SegmentHeader);
       size < whole.size(); size += step(whole, size)) {
    const auto cut = std::span(whole).first(size);
    const model::Profile profile =
        model::replay(decode::TraceFile(decode::wrap_bytes(cut)));
    if (profile.exact() && profile.events != all) {
      FAIL("exact although cut at " << size);
    }
  }
}

TEST_CASE("12000 mutated traces") {
  std::vector<Bytes> seeds;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    // Without seals damage reaches the records, past the checksum.
    seeds.push_back(make_trace(seed, seed % 3 == 0));
  }
  Bytes bytes;
  for (std::uint64_t round = 0; round < 12000; ++round) {
    test::Random random(round);
    bytes = seeds[static_cast<std::size_t>(round % seeds.size())];
    const auto parts = used_parts(bytes);
    for (std::uint64_t count = 1 + random.below(3); count > 0; --count) {
      const auto part = static_cast<std::size_t>(random.below(parts.size()));
      mutate(parts[part], random, 3);
    }
    if (random.chance(20)) {
      bytes.resize(static_cast<std::size_t>(random.below(bytes.size())));
    }
    if (!survives(bytes)) FAIL("round " << round);
  }
}

TEST_CASE("any byte of the headers may take any of the edge values") {
  const Bytes whole = make_trace(3, false);
  Bytes bytes = whole;
  const auto damage = [&](std::size_t start, std::size_t count) {
    for (std::size_t at = start; at < start + count; ++at) {
      for (const std::uint8_t value : kEdges) {
        bytes[at] = value;
        if (!survives(bytes)) FAIL("byte " << at);
      }
      bytes[at] = whole[at];
    }
  };
  damage(0, 144);
  damage(trace::kHeaderBytes, sizeof(trace::SegmentHeader));
  damage(trace::kUnitBytes, sizeof(trace::SegmentHeader));
}
