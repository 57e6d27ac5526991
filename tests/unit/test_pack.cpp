// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "decode/event_reader.h"
#include "decode/text.h"
#include "decode/trace_error.h"
#include "model/replay.h"
#include "pack/pack_builder.h"
#include "packed_bytes.h"
#include "random_program.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::packed_bytes;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kFirst = trace::kHeaderBytes;

decode::TraceFile open(const Bytes& bytes, const Bytes* side = nullptr) {
  return decode::TraceFile(
      decode::wrap_bytes(bytes),
      side == nullptr ? nullptr : decode::wrap_bytes(*side));
}

// Everything that a reader can see of a trace.
std::string seen(const decode::TraceFile& file) {
  std::string text;
  decode::EventReader reader(file);
  while (const decode::Event* event = reader.next()) {
    text += decode::print_event(*event, {}) + '\n';
  }
  const model::Profile profile = model::replay(file);
  text += "torn " + std::to_string(profile.anomalies.torn_segments) + ' ' +
          std::to_string(profile.anomalies.torn_bytes) + " lost " +
          std::to_string(profile.lost_events()) + " bytes " +
          std::to_string(profile.record_bytes);
  return text + (profile.exact() ? " exact" : "");
}

test::TraceBuilder random_trace(std::uint64_t seed, std::uint32_t segment_bytes,
                                bool is_sealed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 800;
  program.threads = 3;
  test::BuilderOptions options;
  options.max_segment_bytes = segment_bytes;
  options.seal_all = is_sealed;
  test::TraceBuilder trace(options);
  trace.info(0, "command", "prog");
  append(test::make_program(program), trace);
  return trace;
}

}  // namespace

TEST_CASE("a packed trace reads as the one that it was made of") {
  const std::uint64_t seed = GENERATE(1u, 2u, 3u);
  const bool is_sealed = GENERATE(true, false);
  const Bytes raw = random_trace(seed, 60, is_sealed).bytes();
  const Bytes packed = packed_bytes(raw);
  CHECK(packed.size() < raw.size() / 20);
  const decode::TraceFile file = open(packed);
  CHECK(file.is_packed());
  // More segments than one pack holds.
  CHECK(file.index().packs.size() > 1);
  CHECK(seen(file) == seen(open(raw)));
  SECTION("and packing it again changes nothing") {
    CHECK(packed_bytes(packed) == packed);
  }
}

TEST_CASE("segments that fill a pack go on in the next") {
  test::BuilderOptions options;
  options.segment_units = 4;
  test::TraceBuilder trace(options);
  std::uint64_t state = 1;
  for (std::uint64_t i = 0; i < 800'000; ++i) {
    state = state * 6364136223846793005u + 1;
    trace.alloc(1, i, state >> 50, state >> 20, {0x1000});
  }
  const Bytes raw = trace.bytes();
  REQUIRE(raw.size() > 2 * trace::kMaxPackContent);
  const Bytes packed = packed_bytes(raw);
  const decode::TraceFile file = open(packed);
  CHECK(file.index().packs.size() >= 3);
  for (const decode::Pack& pack : file.index().packs) {
    CHECK(pack.header.content_bytes <= trace::kMaxPackContent);
    CHECK(pack.offset % trace::kPackAlignment == 0);
  }
  CHECK(model::replay(file).events == model::replay(open(raw)).events);
}

TEST_CASE("content that does not compress fits its bounds") {
  pack::PackBuilder builder(1);
  Bytes noise(trace::kMaxPackContent / 16);
  std::uint64_t state = 1;
  trace::SegmentHeader header{};
  header.magic = trace::kSegmentMagic;
  while (builder.has_room(noise.size())) {
    for (std::uint8_t& byte : noise) {
      state = state * 6364136223846793005u + 1;
      byte = static_cast<std::uint8_t>(state >> 56);
    }
    builder.add(header, noise);
  }
  const auto pack = builder.finish();
  CHECK(pack.size() > trace::kMaxPackContent);
  CHECK(pack.size() <= trace::kMaxPackBytes);
  CHECK(builder.empty());
}

TEST_CASE("damage that the raw trace had shows in the packed one") {
  const test::TraceBuilder trace = random_trace(4, 300, true);
  Bytes raw = trace.bytes();
  const auto unit = [&](std::size_t n) {
    return raw.begin() + static_cast<std::ptrdiff_t>(n * trace::kUnitBytes);
  };
  SECTION("a header that was overwritten") {
    std::fill(unit(3), unit(3) + 72, std::uint8_t{0xee});
  }
  SECTION("records that were overwritten") {
    std::fill(unit(3) + 80, unit(3) + 90, std::uint8_t{0xee});
  }
  SECTION("a unit of zeros") {
    std::fill(unit(3), unit(4), std::uint8_t{0});
  }
  SECTION("a segment twice") {
    std::copy(unit(3), unit(4), unit(4));
  }
  SECTION("a file that was cut in a segment") {
    raw.resize(5 * trace::kUnitBytes + 150);
  }
  SECTION("a file that was cut between segments") {
    raw.resize(5 * trace::kUnitBytes);
  }
  const std::string want = seen(open(raw));
  CHECK(want.find("exact") == std::string::npos);
  const Bytes packed = packed_bytes(raw);
  CHECK(seen(open(packed)) == want);
  CHECK(seen(open(packed_bytes(packed))) == want);
}

TEST_CASE("a trace that is half packed is one trace") {
  Bytes raw = random_trace(5, 300, true).bytes();
  const std::string want = seen(open(raw));
  const Bytes side = packed_bytes(raw);
  SECTION("all in both") {}
  SECTION("some punched out of the file") {
    const auto from = raw.begin() + 2 * trace::kUnitBytes;
    std::fill(from, from + 5 * trace::kUnitBytes, std::uint8_t{0});
  }
  SECTION("all punched") {
    std::fill(raw.begin() + trace::kHeaderBytes, raw.end(), std::uint8_t{0});
  }
  CHECK(seen(open(raw, &side)) == want);
}

TEST_CASE("the packs of another run are left alone") {
  const Bytes raw = random_trace(6, 300, true).bytes();
  const std::string want = seen(open(raw));
  test::TraceBuilder other = random_trace(7, 300, true);
  other.header.start_ticks = 1;
  const Bytes side = packed_bytes(other.bytes());
  CHECK(seen(open(raw, &side)) == want);
  CHECK(seen(open(raw, &raw)) == want);
  const Bytes text{'h', 'i'};
  CHECK(seen(open(raw, &text)) == want);
}

TEST_CASE("what is not published is not read") {
  const Bytes raw = random_trace(8, 300, true).bytes();
  Bytes side = packed_bytes(raw);
  const std::uint64_t published = kFirst;
  std::memcpy(&side[offsetof(trace::FileHeader, packed_bytes)], &published,
              sizeof published);
  const decode::TraceFile file = open(raw, &side);
  CHECK(file.index().packs.empty());
  CHECK(file.index().missing == 0);
  CHECK(seen(file) == seen(open(raw)));
}

TEST_CASE("a required record is refused at the place of its pack") {
  test::TraceBuilder trace;
  trace.info(1, "command", "prog");
  trace.control(1, 5, 99, "payload", true);
  const Bytes packed = packed_bytes(trace.bytes());
  const decode::TraceFile file = open(packed);
  try {
    model::replay(file);
    FAIL("it was not refused");
  } catch (const decode::TraceError& error) {
    CHECK(error.offset() == kFirst);
  }
}

TEST_CASE("a packed trace without a pack is refused") {
  Bytes packed = packed_bytes(random_trace(9, 300, true).bytes());
  packed.resize(kFirst);
  CHECK_THROWS_AS(open(packed), decode::TraceError);
}
