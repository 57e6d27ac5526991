// SPDX-License-Identifier: Apache-2.0
//
// Integers on the wire: the bytes that wire.h promises, and that what was put
// comes back.
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "random_program.h"
#include "sagemem/trace/wire.h"

namespace {

using namespace sagemem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

Bytes varint(std::uint64_t value) {
  std::uint8_t buffer[trace::kMaxVarintBytes];
  return {static_cast<std::uint8_t*>(buffer), trace::put_varint(buffer, value)};
}

Bytes address(std::uint64_t value, std::uint64_t previous) {
  std::uint8_t buffer[trace::kMaxVarintBytes + 1];
  return {static_cast<std::uint8_t*>(buffer),
          trace::put_address(buffer, value, previous)};
}

const std::uint8_t* get(const Bytes& bytes, std::uint64_t& value) {
  return trace::get_varint(bytes.data(), bytes.data() + bytes.size(), value);
}

std::uint64_t get_address(const Bytes& bytes, std::uint64_t previous) {
  std::uint64_t value = 0;
  const std::uint8_t* const end = bytes.data() + bytes.size();
  REQUIRE(trace::get_address(bytes.data(), end, previous, value) == end);
  return value;
}

}  // namespace

TEST_CASE("varints have the bytes of the specification") {
  CHECK(varint(0) == Bytes{0x00});
  CHECK(varint(0x7f) == Bytes{0x7f});
  CHECK(varint(0x80) == Bytes{0x80, 0x01});
  CHECK(varint(300) == Bytes{0xac, 0x02});
  CHECK(varint(kMax) ==
        Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
}

TEST_CASE("varints come back, at every bit width") {
  test::Random random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    for (int round = 0; round < 50; ++round) {
      const std::uint64_t value =
          width == 0 ? 0 : random.next() >> (64 - width);
      std::uint64_t back = ~value;
      const Bytes bytes = varint(value);
      REQUIRE(get(bytes, back) == bytes.data() + bytes.size());
      REQUIRE(back == value);
      // The same with more behind it, whatever that is.
      Bytes more = bytes;
      more.insert(more.end(), 8, round % 2 == 0 ? 0xff : 0x00);
      back = ~value;
      REQUIRE(get(more, back) == more.data() + bytes.size());
      REQUIRE(back == value);
    }
  }
}

TEST_CASE("varints that are cut off, too long or too large are refused") {
  std::uint64_t value = 0;
  Bytes bytes = varint(kMax);
  while (!bytes.empty()) {
    bytes.pop_back();
    CHECK(get(bytes, value) == nullptr);
  }
  CHECK(get(Bytes(10, 0x80), value) == nullptr);
  CHECK(get(Bytes(11, 0x80), value) == nullptr);
  Bytes too_large(9, 0xff);
  too_large.push_back(0x02);  // bit 64
  CHECK(get(too_large, value) == nullptr);
  too_large.back() = 0x81;  // bit 63, and an eleventh byte
  too_large.push_back(0x00);
  CHECK(get(too_large, value) == nullptr);
}

TEST_CASE("zigzag") {
  CHECK(trace::zigzag(0) == 0);
  CHECK(trace::zigzag(-1) == 1);
  CHECK(trace::zigzag(1) == 2);
  CHECK(trace::zigzag(-2) == 3);
  CHECK(trace::zigzag(2) == 4);
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{12345},
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    CHECK(trace::unzigzag(trace::zigzag(value)) == value);
  }
}

TEST_CASE("aligned neighbours are one byte, others say their remainder") {
  CHECK(address(0x4052c0, 0x4052a0) == Bytes{0x08});
  CHECK(address(0x4052a0, 0x4052c0) == Bytes{0x06});
  CHECK(address(0x1001, 0x1000) == Bytes{0x01, 0x01});
  CHECK(address(0x1000, 0x1001) == Bytes{0x03, 0x0f});
}

TEST_CASE("addresses come back") {
  test::Random random(2);
  std::uint64_t previous = 0;
  for (int round = 0; round < 10000; ++round) {
    // User space of 47 bits, and the whole range now and then.
    const unsigned shift = round % 10 == 0 ? 5 : 17;
    const std::uint64_t value = random.next() >> shift;
    REQUIRE(get_address(address(value, previous), previous) == value);
    previous = value;
  }
}

TEST_CASE("an address without its remainder is refused") {
  Bytes bytes = address(0x1003, 0x1000);
  bytes.pop_back();
  std::uint64_t value = 0;
  CHECK(trace::get_address(bytes.data(), bytes.data() + bytes.size(), 0x1000,
                           value) == nullptr);
}
