// SPDX-License-Identifier: Apache-2.0
//
// Damaged packed traces, under AddressSanitizer and UBSan: read or refused,
// with no more memory than the bounds of a pack, and a damaged pack costs no
// other.  Damage behind the checksums comes with checksums that fit.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "decode/event_reader.h"
#include "decode/trace_error.h"
#include "model/replay.h"
#include "mutation.h"
#include "packed_bytes.h"
#include "random_program.h"
#include "trace_builder.h"

// A claim of 4 GiB that turned into memory would end the test.  The traces
// that are packed here are larger than any pack: 64 KiB for each segment.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "max_allocation_size_mb=32:quarantine_size_mb=8";
}

namespace {

using namespace sagemem;
using Bytes = std::vector<std::uint8_t>;
using trace::PackHeader;

constexpr std::uint8_t kEdges[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

Bytes make_packed(std::uint64_t seed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 600;
  program.threads = 2;
  program.max_live = 20;
  test::BuilderOptions options;
  options.max_segment_bytes = 40;
  test::TraceBuilder trace(options);
  trace.info(0, "command", "prog");
  append(test::make_program(program), trace);
  return test::packed_bytes(trace.bytes());
}

// Where the packs of an intact trace are.
std::vector<decode::Pack> packs_of(const Bytes& bytes) {
  return decode::TraceFile(decode::wrap_bytes(bytes)).index().packs;
}

// Makes the checksums of a pack fit what it says now.
void reseal(Bytes& bytes, const decode::Pack& pack) {
  std::uint8_t* const start = bytes.data() + pack.offset;
  PackHeader header{};
  std::memcpy(&header, start, sizeof header);
  const std::uint64_t frame = pack.frame_offset() - pack.offset;
  header.checksum = XXH3_64bits(start + frame, pack.frame_bytes());
  std::memcpy(start, &header, sizeof header);
  constexpr std::size_t from = offsetof(PackHeader, bytes);
  // The table may claim to be longer than it was.
  const std::uint64_t table =
      std::min<std::uint64_t>(header.segments, trace::kMaxPackSegments) *
      sizeof(trace::SegmentHeader);
  const std::uint64_t to = std::min<std::uint64_t>(sizeof header + table,
                                                   bytes.size() - pack.offset);
  header.head_checksum = XXH3_64bits(start + from, to - from);
  std::memcpy(start, &header, sizeof header);
}

std::map<std::uint32_t, std::vector<std::uint64_t>> read_all(
    std::span<const std::uint8_t> bytes) {
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  decode::EventReader reader(file);
  std::map<std::uint32_t, std::vector<std::uint64_t>> result;
  while (const decode::Event* event = reader.next()) {
    result[event->writer].push_back(event->ticks ^ event->address);
  }
  return result;
}

// What a cut costs is at the end of each writer; a cut trace is never exact.
bool reads_a_prefix(std::span<const std::uint8_t> bytes, const auto& whole) {
  for (const auto& [writer, events] : read_all(bytes)) {
    const auto& all = whole.at(writer);
    if (events.size() > all.size() ||
        !std::equal(events.begin(), events.end(), all.begin())) {
      return false;
    }
  }
  return !model::replay(decode::TraceFile(decode::wrap_bytes(bytes))).exact();
}

// Every byte of the file header that says something, of the first pack's
// header and of the start of its table; the rest is more of the same.
std::size_t cut_step(std::size_t size, std::uint64_t end_of_first) {
  const bool is_detail =
      size < 700 || size + 200 > end_of_first ||
      (size > trace::kHeaderBytes - 10 && size < trace::kHeaderBytes + 250);
  return is_detail && size < end_of_first + 250 ? 1 : 7;
}

bool survives(std::span<const std::uint8_t> bytes) {
  try {
    const decode::TraceFile file(decode::wrap_bytes(bytes));
    model::replay(file);
  } catch (const decode::TraceError&) {
    // Refused, as it may be.
  }
  return true;
}

}  // namespace

TEST_CASE("a packed trace cut at every byte reads as a prefix") {
  const Bytes whole = make_packed(1);
  const auto want = read_all(whole);
  REQUIRE(packs_of(whole).size() >= 2);
  const std::uint64_t end_of_first = packs_of(whole)[1].offset;
  const std::span<const std::uint8_t> all(whole);
  for (std::size_t size = 0; size < whole.size();
       size += cut_step(size, end_of_first)) {
    try {
      if (!reads_a_prefix(all.first(size), want)) FAIL("cut at " << size);
    } catch (const decode::TraceError&) {
      if (size > end_of_first) FAIL("refused at " << size);
    }
  }
}

TEST_CASE("a damaged pack costs no other") {
  const Bytes whole = make_packed(2);
  const std::vector<decode::Pack> packs = packs_of(whole);
  REQUIRE(packs.size() >= 3);
  const decode::Pack& damaged = packs[1];
  const std::uint64_t at = damaged.offset + GENERATE(0, 9, 20, 40, 3000);
  REQUIRE(at < damaged.offset + damaged.header.bytes);
  Bytes bytes = whole;
  bytes[at] = static_cast<std::uint8_t>(bytes[at] + 1);
  const decode::TraceFile file(decode::wrap_bytes(bytes));
  const auto left = file.index().packs.size();
  CHECK((left == packs.size() || left == packs.size() - 1));
  const model::Profile profile = model::replay(file);
  CHECK(profile.anomalies.torn_segments > 0);
  CHECK(profile.events > 0);
  CHECK_FALSE(profile.exact());
}

TEST_CASE("any byte of a packed trace may take any of the edge values") {
  const Bytes whole = make_packed(3);
  const decode::Pack first = packs_of(whole).front();
  const bool fits = GENERATE(false, true);
  const std::uint64_t end = first.frame_offset() + 100;
  for (std::uint64_t at = 0; at < end; ++at) {
    if (at == 144) at = offsetof(trace::FileHeader, packed_bytes);
    if (at == 700) at = first.offset;
    // Three segments of the table stand for all.
    if (at == first.offset + 248) at = first.frame_offset();
    for (const std::uint8_t value : kEdges) {
      Bytes bytes = whole;
      bytes[at] = value;
      if (fits) reseal(bytes, first);
      if (!survives(bytes)) FAIL("byte " << at);
    }
  }
}

TEST_CASE("4000 mutated packed traces") {
  std::vector<Bytes> seeds;
  std::vector<std::vector<decode::Pack>> packs;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    seeds.push_back(make_packed(seed));
    packs.push_back(packs_of(seeds.back()));
  }
  for (std::uint64_t round = 0; round < 4000; ++round) {
    test::Random random(round);
    const std::size_t seed = round % seeds.size();
    Bytes bytes = seeds[seed];
    const auto& pack =
        packs[seed][static_cast<std::size_t>(random.below(packs[seed].size()))];
    const std::span<std::uint8_t> all(bytes);
    const auto part = all.subspan(pack.offset, pack.header.bytes);
    mutate(random.chance(50) ? part.first(200) : part, random, 3);
    if (random.chance(70)) reseal(bytes, pack);
    if (random.chance(10)) {
      bytes.resize(static_cast<std::size_t>(random.below(bytes.size())));
    }
    if (!survives(bytes)) FAIL("round " << round);
  }
}
