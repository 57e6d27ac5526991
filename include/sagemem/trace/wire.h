// SPDX-License-Identifier: Apache-2.0
//
// Integers on the wire: little-endian base-128 varints, zigzag for signed
// differences, and the address difference that makes 16-byte aligned
// neighbours one byte long.
//
// Used by preload/encode (put_*) and analyzer/decode (get_*).  Nothing here
// allocates, throws or does I/O.  Hazard: put_* trust the caller to have
// reserved kMaxVarintBytes; get_* trust nothing.
//
//   value   bytes            zigzag: 0,-1,1,-2,2 -> 0,1,2,3,4
//   0x7f    7f
//   0x80    80 01
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sagemem::trace {

// Both sides copy fixed-size fields with memcpy; a big-endian port needs
// byte swaps in the readers and writers of format.h first.
static_assert(std::endian::native == std::endian::little);

inline constexpr std::size_t kMaxVarintBytes = 10;

constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^
         static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

// Returns the byte after the last one written.
constexpr std::uint8_t* put_varint(std::uint8_t* out,
                                   std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *out++ = static_cast<std::uint8_t>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<std::uint8_t>(value);
  return out;
}

// The same for a value below 2^14, in two bytes always, without a branch.
inline std::uint8_t* put_two_bytes(std::uint8_t* out,
                                   std::uint32_t value) noexcept {
  // The upper seven bits move up by one: are added once more.
  const auto bytes =
      static_cast<std::uint16_t>(value + (value & ~0x7fu) + 0x80);
  std::memcpy(out, &bytes, sizeof bytes);
  return out + sizeof bytes;
}

// Seven bits of each byte, moved together.
constexpr std::uint64_t join_sevens(std::uint64_t bytes) noexcept {
  bytes = (bytes & 0x7f007f007f007f00) >> 1 | (bytes & 0x007f007f007f007f);
  bytes = (bytes & 0x3fff00003fff0000) >> 2 | (bytes & 0x00003fff00003fff);
  return (bytes & 0x0fffffff00000000) >> 4 | (bytes & 0x000000000fffffff);
}

// Returns the byte after the varint, or nullptr when it is cut off at `end`,
// is longer than ten bytes, or does not fit 64 bits.
inline const std::uint8_t* get_varint(const std::uint8_t* in,
                                      const std::uint8_t* end,
                                      std::uint64_t& value) noexcept {
  // Eight bytes at once, where there are so many: lengths vary from one to the
  // next, so that a loop over the bytes mostly leaves where it was not
  // foreseen.
  std::uint64_t bytes = 0;
  if (end - in >= static_cast<std::ptrdiff_t>(sizeof bytes)) {
    std::memcpy(&bytes, in, sizeof bytes);
    const std::uint64_t last = ~bytes & 0x8080808080808080;
    if (last != 0) {
      value = join_sevens(bytes & (last ^ (last - 1)));
      return in + std::countr_zero(last) / 8 + 1;
    }
  }
  std::uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (in == end) return nullptr;
    const std::uint8_t byte = *in++;
    if (shift == 63 && byte > 1) return nullptr;
    result |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      value = result;
      return in;
    }
  }
  return nullptr;
}

// An address as the difference to the previous one.  Allocators align to 16,
// so the low four bits of the difference are zero nearly always: the varint
// carries difference / 16 and a bit that says whether a byte with the
// remainder follows.
constexpr std::uint8_t* put_address(std::uint8_t* out, std::uint64_t address,
                                    std::uint64_t previous) noexcept {
  const auto difference = static_cast<std::int64_t>(address - previous);
  const auto remainder = static_cast<std::uint8_t>(difference & 15);
  out = put_varint(out, zigzag(difference >> 4) << 1 | (remainder != 0));
  if (remainder != 0) *out++ = remainder;
  return out;
}

// Returns the byte after the address, or nullptr when it is cut off.
inline const std::uint8_t* get_address(const std::uint8_t* in,
                                       const std::uint8_t* end,
                                       std::uint64_t previous,
                                       std::uint64_t& address) noexcept {
  std::uint64_t value = 0;
  in = get_varint(in, end, value);
  if (in == nullptr) return nullptr;
  std::uint64_t difference = static_cast<std::uint64_t>(unzigzag(value >> 1))
                             << 4;
  if ((value & 1) != 0) {
    if (in == end) return nullptr;
    difference += *in++ & 15;
  }
  address = previous + difference;
  return in;
}

}  // namespace sagemem::trace
