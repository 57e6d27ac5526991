// SPDX-License-Identifier: Apache-2.0
//
// A position in unwind information: numbers as DWARF and the Linux Standard
// Base (core, 10.5) write them.
//
// Hazard: no bounds.  Who reads knows from a length where to stop.
#pragma once

#include <cstdint>
#include <cstring>

namespace sagemem {

template <typename T>
inline T load(const std::uint8_t* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// A position in unwind information.
class Cursor {
 public:
  explicit Cursor(const std::uint8_t* at) noexcept : at_(at) {}
  [[nodiscard]] const std::uint8_t* at() const noexcept { return at_; }
  void skip(std::uint64_t bytes) noexcept { at_ += bytes; }

  template <typename T>
  T take() noexcept {
    const T value = load<T>(at_);
    at_ += sizeof(T);
    return value;
  }
  std::uint64_t take_uleb() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t byte = *at_++;
      if (shift < 64) value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  std::int64_t take_sleb() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0;;) {
      const std::uint8_t byte = *at_++;
      if (shift < 64) value |= std::uint64_t{byte & 0x7fu} << shift;
      shift += 7;
      if (byte >= 0x80) continue;
      if (shift < 64 && (byte & 0x40) != 0) value |= ~std::uint64_t{0} << shift;
      return static_cast<std::int64_t>(value);
    }
  }
  // False: an encoding that does not occur in .eh_frame of Linux programs.
  bool take_pointer(std::uint8_t encoding, std::uint64_t& value) noexcept {
    const auto here = reinterpret_cast<std::uint64_t>(at_);
    switch (encoding & 0x0f) {
      case 0x00:
      case 0x04:
      case 0x0c:
        value = take<std::uint64_t>();
        break;
      case 0x03:
        value = take<std::uint32_t>();
        break;
      case 0x0b:
        value = static_cast<std::uint64_t>(std::int64_t{take<std::int32_t>()});
        break;
      default:
        return false;
    }
    if ((encoding & 0x70) == 0x10) value += here;  // relative to its place
    return (encoding & 0x60) == 0;
  }

 private:
  const std::uint8_t* at_;
};

}  // namespace sagemem
