// SPDX-License-Identifier: Apache-2.0
//
// Opening a trace: what is refused and where, stubs that lead to a spool, which
// segments are found, and the clock.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "decode/event_reader.h"
#include "decode/trace_error.h"
#include "decode/trace_file.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using decode::TraceFile;
using test::TraceBuilder;

const test::Stack kMain{0x401000};

// A directory of its own, gone with the test.
class Directory {
 public:
  Directory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "sagemem-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return path_ / name;
  }
  [[nodiscard]] std::filesystem::path file(const std::string& name,
                                           const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

TraceBuilder small_trace() {
  TraceBuilder trace;
  trace.info(1, "command", "prog");
  trace.alloc(1, 2, 64, 0x1000, kMain);
  return trace;
}

// The offset of the error that opening these bytes ends in.
std::uint64_t error_offset(const std::vector<std::uint8_t>& bytes) {
  try {
    const TraceFile file(decode::wrap_bytes(bytes));
  } catch (const decode::TraceError& error) {
    return error.offset();
  }
  FAIL("it opened");
  return 0;
}

}  // namespace

TEST_CASE("a trace opens from a file and from memory") {
  const Directory directory;
  small_trace().write(directory.file("a.smt"));
  const TraceFile file = TraceFile::open(directory.file("a.smt"));
  CHECK(file.size() == 2 * trace::kUnitBytes);
  REQUIRE(file.writers().size() == 2);
  CHECK(file.writers()[0].number == 0);
  CHECK(file.writers()[0].segments[0].offset == trace::kHeaderBytes);
  CHECK(file.writers()[1].segments[0].offset == trace::kUnitBytes);
  CHECK(file.header().pid == 1000);
  CHECK(file.index().missing == 0);
}

TEST_CASE("what is no trace is refused, with the place") {
  const Directory directory;
  CHECK_THROWS_AS(TraceFile::open(directory.file("none.smt")),
                  decode::TraceError);
  CHECK_THROWS_AS(TraceFile::open(directory.file("")), decode::TraceError);
  CHECK_THROWS_AS(TraceFile::open(directory.file("empty.smt", "")),
                  decode::TraceError);
  CHECK_THROWS_AS(TraceFile::open(directory.file("text.smt", "hello, world\n")),
                  decode::TraceError);
  CHECK_THROWS_AS(TraceFile::open("/dev/null"), decode::TraceError);

  std::vector<std::uint8_t> bytes = small_trace().bytes();
  bytes.resize(1000);
  CHECK(error_offset(bytes) == 1000);
  bytes.resize(trace::kHeaderBytes);
  TraceBuilder other = small_trace();
  other.header.version_major = 2;
  CHECK(error_offset(other.bytes()) == 8);
  other = small_trace();
  other.header.header_bytes = 8192;
  CHECK(error_offset(other.bytes()) == 12);
  other = small_trace();
  other.header.unit_bytes = 0;
  CHECK(error_offset(other.bytes()) == 16);
}

TEST_CASE("a FIFO is refused instead of waited for") {
  const Directory directory;
  const std::filesystem::path path = directory.file("fifo.smt");
  REQUIRE(std::system(("mkfifo " + path.string()).c_str()) == 0);
  CHECK_THROWS_AS(TraceFile::open(path), decode::TraceError);
}

TEST_CASE("what comes through a pipe is read like a file") {
  const std::vector<std::uint8_t> bytes = small_trace().bytes();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  // More than a pipe holds.
  std::thread writer([&] {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t more =
          ::write(ends[1], bytes.data() + done, bytes.size() - done);
      if (more <= 0) break;
      done += static_cast<std::size_t>(more);
    }
    ::close(ends[1]);
  });
  auto source = decode::spool_pipe(ends[0]);
  writer.join();
  ::close(ends[0]);
  REQUIRE(source->size() == bytes.size());
  std::vector<std::uint8_t> read(bytes.size() + 1);
  REQUIRE(source->read(0, read) == bytes.size());
  read.pop_back();
  CHECK(read == bytes);
  CHECK(TraceFile(std::move(source)).writers().size() ==
        TraceFile(decode::wrap_bytes(bytes)).writers().size());
}

TEST_CASE("a later minor version is read") {
  TraceBuilder trace = small_trace();
  trace.header.version_minor = 9;
  const std::vector<std::uint8_t> bytes = trace.bytes();
  CHECK_NOTHROW(TraceFile(decode::wrap_bytes(bytes)));
}

TEST_CASE("a header without any segment is refused") {
  std::vector<std::uint8_t> bytes = small_trace().bytes();
  bytes.resize(trace::kHeaderBytes + 20);
  CHECK(error_offset(bytes) == trace::kHeaderBytes);
}

TEST_CASE("a stub leads to its spool") {
  const Directory directory;
  const std::filesystem::path spool = directory.file("spool.smt");
  small_trace().write(spool);
  const std::string magic = trace::kSpoolMagic;
  CHECK(TraceFile::open(directory.file("a", magic + spool.string() + "\n"))
            .writers()
            .size() == 2);
  CHECK(TraceFile::open(directory.file("b", magic + "spool.smt\n"))
            .writers()
            .size() == 2);
  for (const std::string& bad :
       {magic, magic + "\n", magic + "spool.smt", magic + "gone.smt\n",
        magic + "a\n", magic + std::string(5000, 'x') + "\n"}) {
    CHECK_THROWS_AS(TraceFile::open(directory.file("c", bad)),
                    decode::TraceError);
  }
}

TEST_CASE("a file that shrinks while it is read is a short read") {
  const Directory directory;
  const std::filesystem::path path = directory.file("a.smt");
  small_trace().write(path);
  const TraceFile file = TraceFile::open(path);
  std::filesystem::resize_file(path, trace::kUnitBytes + 80);
  decode::EventReader reader(file);
  while (reader.next() != nullptr) {
  }
  CHECK(reader.stats().torn_segments == 1);
  CHECK(reader.stats().torn_bytes > 0);
}

TEST_CASE("units without a segment are passed over") {
  TraceBuilder trace = small_trace();
  for (std::uint64_t i = 0; i < 3; ++i) {
    trace.seal(1);
    trace.alloc(1, 10 + i, 64, 0x2000 + 16 * i, kMain);
  }
  std::vector<std::uint8_t> bytes = trace.bytes();
  const auto unit = [&](std::size_t n) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(n * trace::kUnitBytes);
  };

  SECTION("zeros are unused space, but the sequence has a gap") {
    std::fill(unit(2), unit(3), std::uint8_t{0});
    const TraceFile file(decode::wrap_bytes(bytes));
    CHECK(file.writers()[1].segments.size() == 3);
    CHECK(file.index().missing == 1);
  }
  SECTION("unused units at the end are no damage") {
    bytes.resize(bytes.size() + 10 * trace::kUnitBytes);
    CHECK(TraceFile(decode::wrap_bytes(bytes)).index().missing == 0);
  }
  SECTION("a header that was overwritten costs its segment") {
    std::fill(unit(2), unit(2) + 72, std::uint8_t{0xee});
    const TraceFile file(decode::wrap_bytes(bytes));
    CHECK(file.writers()[1].segments.size() == 3);
    CHECK(file.index().missing == 2);  // the torn unit, and the gap
  }
  SECTION("a size that no segment has costs the segment") {
    const std::uint32_t size = GENERATE(0u, 1u, 65535u, 5u * 65536u, ~0u);
    std::memcpy(&*unit(2) + 32, &size, sizeof size);
    const TraceFile file(decode::wrap_bytes(bytes));
    CHECK(file.writers()[1].segments.size() == 3);
  }
  SECTION("of two segments with one sequence the first counts") {
    std::copy(unit(2), unit(3), unit(3));
    const TraceFile file(decode::wrap_bytes(bytes));
    CHECK(file.writers()[1].segments.size() == 3);
    CHECK(file.writers()[1].segments[1].offset == 2 * trace::kUnitBytes);
    CHECK(file.index().missing == 2);
  }
  SECTION("a file cut at a unit boundary is known to be cut") {
    bytes.resize(4 * trace::kUnitBytes);
    CHECK(TraceFile(decode::wrap_bytes(bytes)).index().missing == 1);
  }
  SECTION("sequences are an order, not an index") {
    const std::uint64_t huge = ~std::uint64_t{0};
    std::memcpy(&*unit(1) + 8, &huge, sizeof huge);
    const TraceFile file(decode::wrap_bytes(bytes));
    REQUIRE(file.writers()[1].segments.size() == 4);
    CHECK(file.writers()[1].segments[3].offset == trace::kUnitBytes);
  }
  SECTION("committed is cut to the segment") {
    const std::uint32_t huge = ~0u;
    std::memcpy(&*unit(4) + 36, &huge, sizeof huge);
    const TraceFile file(decode::wrap_bytes(bytes));
    CHECK(file.writers()[1].segments[3].readable ==
          trace::kUnitBytes - sizeof(trace::SegmentHeader));
  }
}

TEST_CASE("ticks become nanoseconds") {
  TraceBuilder trace;
  trace.header.clock_kind =
      static_cast<std::uint32_t>(trace::ClockKind::TimeStampCounter);
  trace.header.start_ticks = 1000;
  trace.header.start_monotonic_ns = 50;
  trace.alloc(1, 1000, 64, 0x1000, kMain);
  trace.segment(1).start_ticks = 5000;
  trace.segment(1).start_monotonic_ns = 50 + 1000;
  const auto clock = [&] {
    const std::vector<std::uint8_t> bytes = trace.bytes();
    return TraceFile(decode::wrap_bytes(bytes)).clock();
  };

  SECTION("from the start and the end") {
    trace.header.end_ticks = 1000 + 3000;
    trace.header.end_monotonic_ns = 50 + 1500;
    CHECK(clock().ticks_per_ns() == Approx(2.0));
    CHECK(clock().to_ns(1000) == 0);
    CHECK(clock().to_ns(999) == 0);
    CHECK(clock().to_ns(2000) == 500);
  }
  SECTION("from the last segment when nobody saw the end") {
    CHECK(clock().ticks_per_ns() == Approx(4.0));
  }
  SECTION("an end that can not be is passed over") {
    trace.header.end_ticks = 1;
    trace.header.end_monotonic_ns = 1'000'000;
    CHECK(clock().ticks_per_ns() == Approx(4.0));
    trace.header.end_ticks = ~std::uint64_t{0};
    trace.header.end_monotonic_ns = 51;
    CHECK(clock().ticks_per_ns() == Approx(4.0));
    CHECK(clock().to_ns(~std::uint64_t{0}) > 0);
  }
  SECTION("a monotonic clock needs no rate") {
    trace.header.clock_kind =
        static_cast<std::uint32_t>(trace::ClockKind::MonotonicNs);
    CHECK(clock().ticks_per_ns() == 1.0);
  }
}
