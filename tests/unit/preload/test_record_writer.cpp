// SPDX-License-Identifier: Apache-2.0
//
// The writer against the reader that ships: every kind of record, and random
// sequences of them with random stacks.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

#include "decode/segment_reader.h"
#include "encode/record_writer.h"

using sagemem::RecordWriter;
using sagemem::StackDelta;
using sagemem::trace::Api;
using sagemem::trace::Kind;

namespace {

// A segment in memory.
class Fixture {
 public:
  explicit Fixture(std::size_t bytes = 60 * 1024) : memory_(bytes / 8) {
    auto* base = reinterpret_cast<std::uint8_t*>(memory_.data());
    segment_.header = reinterpret_cast<sagemem::trace::SegmentHeader*>(base);
    segment_.header->bytes = static_cast<std::uint32_t>(bytes);
    segment_.records = base + sizeof(sagemem::trace::SegmentHeader);
    segment_.end = base + bytes;
    writer.begin(segment_, 1, 0, 1000, 5);
  }

  std::vector<sagemem::decode::Event> read_back() {
    sagemem::decode::Segment segment{};
    segment.start_ticks = 1000;
    sagemem::decode::SegmentReader reader;
    reader.start(segment, {segment_.records, segment_.header->committed});
    std::vector<sagemem::decode::Event> events;
    sagemem::decode::Event event;
    while (reader.read(event)) {
      events.push_back(event);
      stacks.emplace_back(event.stack.begin(), event.stack.end());
      values.emplace_back(event.values.begin(), event.values.end());
    }
    CHECK(reader.torn_bytes() == 0);
    return events;
  }

  RecordWriter writer;
  std::vector<std::vector<std::uint64_t>> stacks;
  std::vector<std::vector<std::int64_t>> values;

 private:
  std::vector<std::uint64_t> memory_;
  sagemem::Segment segment_;
};

// Valid until the next call.
StackDelta delta(const std::vector<std::uint64_t>& last,
                 const std::vector<std::uint64_t>& next) {
  static std::vector<sagemem::StackFrame> frames;
  frames.clear();
  for (const std::uint64_t pc : next) frames.push_back({0, pc});
  const auto [a, b] =
      std::mismatch(last.begin(), last.end(), next.begin(), next.end());
  return {frames.data(), static_cast<std::uint32_t>(next.size()),
          static_cast<std::uint32_t>(a - last.begin()),
          static_cast<std::uint32_t>(last.size())};
}

}  // namespace

TEST_CASE("each kind of record comes back", "[record_writer]") {
  Fixture f;
  const std::vector<std::uint64_t> stack{0x400000, 0x400100, 0x7f0000001234};
  f.writer.write_block(Kind::Alloc, Api::Malloc, 1010, delta({}, stack), 64,
                       0x5000, 0);
  f.writer.write_block(Kind::Alloc, Api::AlignedAlloc, 1020,
                       delta(stack, stack), 64, 0x5100, 64);
  f.writer.write_block(Kind::AllocFailed, Api::Malloc, 1030,
                       delta(stack, stack), ~0ull, 0, 0);
  f.writer.write_release(Kind::ReallocBegin, Api::Realloc, 1040, 0x5000);
  f.writer.write_block(Kind::ReallocEnd, Api::Realloc, 1050,
                       delta(stack, stack), 128, 0x6008, 0);
  f.writer.write_release(Kind::Free, Api::Free, 1060, 0x6008);
  f.writer.write_release(Kind::Free, Api::OperatorDelete, 1060, 0x9999990);
  f.writer.write_block(Kind::Map, Api::Mmap, 1070, delta(stack, stack), 4096,
                       0x7f0000000000, 0);
  f.writer.write_block(Kind::Unmap, Api::Munmap, 1080, delta(stack, stack),
                       4096, 0x7f0000000000, 0);
  const auto events = f.read_back();
  REQUIRE(events.size() == 9);
  CHECK(events[0].kind == Kind::Alloc);
  CHECK(events[0].ticks == 1010);
  CHECK(events[0].size == 64);
  CHECK(events[0].address == 0x5000);
  CHECK(f.stacks[0] == stack);
  CHECK(events[1].alignment_log2 == 6);
  CHECK(events[1].api == Api::AlignedAlloc);
  CHECK(events[2].size == ~0ull);
  CHECK(events[3].address == 0x5000);
  CHECK(events[4].address == 0x6008);
  CHECK(events[5].address == 0x6008);
  CHECK(events[6].address == 0x9999990);
  CHECK(events[6].api == Api::OperatorDelete);
  CHECK(events[7].address == 0x7f0000000000);
  CHECK(events[8].kind == Kind::Unmap);
}

TEST_CASE("scopes, labels and notes come back", "[record_writer]") {
  using sagemem::ScopeValues;
  constexpr Kind kKinds[] = {Kind::ScopeBegin, Kind::ScopeEnd, Kind::Label,
                             Kind::Note};
  std::mt19937_64 random(7);
  Fixture f;
  std::vector<std::uint64_t> rules;
  std::vector<std::vector<std::int64_t>> written;
  while (f.writer.has_room(RecordWriter::kMaxScopeBytes)) {
    const std::size_t i = rules.size();
    ScopeValues values;
    values.count = static_cast<std::uint32_t>(
        random() % (sagemem::trace::kMaxScopeValues + 1));
    for (std::uint32_t j = 0; j < values.count; ++j) {
      values.values[j] = static_cast<std::int64_t>(random()) >> (random() % 64);
    }
    const auto rule = static_cast<std::uint32_t>(random() >> (random() % 64));
    const bool has_flag = i % 4 < 2 && random() % 2 == 0;
    f.writer.write_scope(kKinds[i % 4], has_flag ? 0x10 : 0,
                         random() % 2 == 0 ? RecordWriter::kNoStamp : 2000 + i,
                         rule, values);
    rules.push_back(has_flag ? rule : ~std::uint64_t{rule});
    written.emplace_back(values.values, values.values + values.count);
  }
  const auto events = f.read_back();
  REQUIRE(events.size() == rules.size());
  bool equal = true;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& event = events[i];
    const bool has_flag = event.is_process_wide || event.is_abandoned;
    equal = equal && event.kind == kKinds[i % 4] && f.values[i] == written[i] &&
            (has_flag ? event.rule : ~event.rule) == rules[i] &&
            (!event.is_stamped || event.ticks == 2000 + i);
  }
  CHECK(equal);
}

TEST_CASE("the quick way writes the same scopes", "[record_writer]") {
  using sagemem::ScopeValues;
  std::mt19937_64 random(9);
  Fixture quick;
  Fixture general;
  for (int i = 0; i < 200; ++i) {
    ScopeValues values;
    values.count = i % 2;
    values.values[0] = static_cast<std::int64_t>(random()) >> (random() % 64);
    const auto rule = static_cast<std::uint32_t>(random() % 64);
    general.writer.write_scope(Kind::ScopeBegin, 0, RecordWriter::kNoStamp,
                               rule, values);
    quick.writer.write_scope_quickly(
        static_cast<std::uint32_t>(Kind::ScopeBegin) | rule << 8 |
            values.count << 16,
        values.count != 0, values.values[0]);
  }
  const auto first = quick.read_back();
  const auto second = general.read_back();
  REQUIRE(first.size() == second.size());
  CHECK(quick.values == general.values);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].rule == second[i].rule);
  }
}

TEST_CASE("random records come back", "[record_writer]") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    Fixture f;
    std::vector<std::vector<std::uint64_t>> stacks;
    std::vector<std::uint64_t> sizes;
    std::vector<std::uint64_t> addresses;
    std::vector<std::uint64_t> last;
    std::uint64_t ticks = 1000;
    while (f.writer.has_room(RecordWriter::record_bytes(64))) {
      auto next = last;
      next.resize(random() % (next.size() + 1));
      while (next.size() < 60 && random() % 4 != 0) {
        next.push_back(0x400000 + random() % 3000);
      }
      if (next.empty()) next.push_back(random() >> 8);
      ticks += random() % 1000;
      // Never 0, which a block can not have.
      const std::uint64_t address = (random() >> (random() % 40 + 16)) + 1;
      const std::uint64_t size = random() >> (random() % 64);
      if (addresses.empty() || random() % 2 == 0) {
        f.writer.write_block(Kind::Alloc, Api::Malloc, ticks, delta(last, next),
                             size, address, 0);
        last = next;
        sizes.push_back(size);
      } else {
        const auto old = addresses[random() % addresses.size()];
        f.writer.write_release(Kind::Free, Api::Free, ticks, old);
        sizes.push_back(0);
        addresses.push_back(old);
        stacks.push_back(last);
        continue;
      }
      addresses.push_back(address);
      stacks.push_back(last);
    }
    const auto events = f.read_back();
    REQUIRE(events.size() == addresses.size());
    bool equal = true;
    for (std::size_t i = 0; i < events.size(); ++i) {
      equal = equal && events[i].address == addresses[i];
      if (events[i].kind != Kind::Alloc) continue;
      equal = equal && events[i].size == sizes[i] && f.stacks[i] == stacks[i];
    }
    CHECK(equal);
    CHECK(events.back().ticks == ticks);
  }
}
