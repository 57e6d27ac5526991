// SPDX-License-Identifier: Apache-2.0
//
// A trace that goes on growing while its segments are looked for: at whatever
// read the program gets ahead, nothing that was there is called missing.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "decode/segment_index.h"
#include "decode/trace_file.h"
#include "packed_bytes.h"
#include "random_program.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using decode::SegmentIndex;
using test::TraceBuilder;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kUnits = 3;  // of each segment
constexpr std::uint64_t kSegment = std::uint64_t{kUnits} * trace::kUnitBytes;

trace::FileHeader header_of(const Bytes& image) {
  trace::FileHeader header{};
  std::memcpy(&header, image.data(), sizeof header);
  return header;
}

// The first so many reads see the file as it was, the others as it has become.
// The size is that of the last look at it.
class Growing : public decode::ByteSource {
 public:
  Growing(Bytes before, Bytes after, std::size_t reads)
      : before_(std::move(before)),
        after_(std::move(after)),
        left_(reads),
        size_(before_.size()) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  void look_again() override { size_ = now().size(); }
  std::size_t read(std::uint64_t offset,
                   std::span<std::uint8_t> out) const override {
    const Bytes& image = now();
    if (left_ > 0) --left_;
    if (offset >= image.size()) return 0;
    const std::size_t count = std::min<std::size_t>(
        out.size(), image.size() - static_cast<std::size_t>(offset));
    std::copy_n(image.data() + offset, count, out.data());
    return count;
  }

 private:
  [[nodiscard]] const Bytes& now() const {
    return left_ > 0 ? before_ : after_;
  }

  Bytes before_;
  Bytes after_;
  mutable std::size_t left_;
  std::uint64_t size_;
};

// Segments of two threads in any order.
Bytes whole_trace(std::uint64_t seed, std::uint64_t segments) {
  test::BuilderOptions options;
  options.segment_units = kUnits;
  TraceBuilder trace(options);
  test::Random random(seed);
  trace.info(0, "command", "program");
  for (std::uint64_t i = 0; i < segments; ++i) {
    const auto writer = static_cast<std::uint32_t>(1 + random.below(2));
    trace.alloc(writer, 10 * i + 1, 8, 0x1000 + 16 * i, {0x400000});
    trace.seal(writer);
  }
  Bytes image = trace.bytes();
  // Segments are filled to their last unit.
  for (std::uint64_t i = 0; i < segments; ++i)
    image[trace::kUnitBytes + (i + 1) * kSegment - 1] = 0xff;
  return image;
}

// As it was when so many segments had been handed out.  The last of them may
// have no header yet.
Bytes at_moment(const Bytes& whole, std::uint64_t segments, bool has_header,
                bool has_room) {
  const std::uint64_t end = trace::kUnitBytes + segments * kSegment;
  Bytes image = whole;
  const std::uint64_t known = has_header ? end : end - kSegment;
  std::fill(image.begin() + static_cast<std::ptrdiff_t>(known), image.end(),
            std::uint8_t{0});
  // Space is reserved ahead, or not.
  if (!has_room) image.resize(end);
  trace::FileHeader header = header_of(whole);
  header.next_unit = end / trace::kUnitBytes;
  std::memcpy(image.data(), &header, sizeof header);
  return image;
}

std::uint64_t count_segments(const SegmentIndex& index) {
  std::uint64_t count = 0;
  for (const decode::Writer& writer : index.writers)
    count += writer.segments.size();
  return count;
}

}  // namespace

TEST_CASE("segments of a trace that grows meanwhile", "[live]") {
  constexpr std::uint64_t kSegments = 7;
  const bool has_room = GENERATE(true, false);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Bytes whole = whole_trace(seed, kSegments);
    for (std::uint64_t had = 1; had <= kSegments; ++had) {
      for (const bool has_header : {true, false}) {
        const Bytes before = at_moment(whole, had, has_header, has_room);
        for (std::size_t reads = 0; reads <= 2 * kUnits * kSegments; ++reads) {
          CAPTURE(seed, had, has_header, reads);
          Growing source(before, whole, reads);
          const SegmentIndex index =
              decode::index_segments(&source, header_of(before), {});
          REQUIRE(index.missing == 0);
          // The session's is one more.
          REQUIRE(count_segments(index) >= had + (has_header ? 1 : 0));
        }
      }
    }
  }
}

TEST_CASE("a trace that got longer after it was opened", "[live]") {
  const Bytes whole = whole_trace(3, 6);
  const Bytes before = at_moment(whole, 2, true, false);
  for (std::size_t reads = 0; reads < 8; ++reads) {
    CAPTURE(reads);
    const decode::TraceFile file(
        std::make_unique<Growing>(before, whole, reads));
    CHECK(file.index().missing == 0);
  }
}

TEST_CASE("a pack that came after its file was opened", "[live]") {
  const Bytes raw = whole_trace(5, 6);
  const Bytes side = test::packed_bytes(raw);
  // As it was before its last pack.
  for (std::size_t reads = 0; reads < 4; ++reads) {
    CAPTURE(reads);
    Bytes before(side.begin(), side.begin() + trace::kHeaderBytes);
    trace::FileHeader header = header_of(side);
    header.packed_bytes = trace::kHeaderBytes;
    std::memcpy(before.data(), &header, sizeof header);
    const decode::TraceFile file(
        decode::wrap_bytes(raw),
        std::make_unique<Growing>(before, side, reads));
    CHECK(file.index().missing == 0);
    CHECK(count_segments(file.index()) == 7);
  }
}
