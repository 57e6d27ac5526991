// SPDX-License-Identifier: Apache-2.0
//
// Numbers with a unit, and how sure they are: what rules compute with.
//
// A figure of a trace is one number.  One of a baseline that was made of
// several runs is a band, from the lowest that was seen to the highest, and
// what is computed from it is one as well.  Doubles hold every byte count up to
// 8 PiB exactly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sagemem::gate {

enum class Unit : std::uint8_t {
  Number,  // written without a unit: takes the one of what it stands beside
  Ratio,   // of two of one unit
  Count,   // of blocks, events, scopes
  Bytes,
  Time,     // nanoseconds
  Percent,  // 5 for 5 %
};

struct Band {
  double low = 0;
  double middle = 0;
  double high = 0;

  [[nodiscard]] static Band at(double value) { return {value, value, value}; }
  [[nodiscard]] bool is_point() const { return low == high; }
  [[nodiscard]] bool is_finite() const;
  friend bool operator==(const Band&, const Band&) = default;
};

[[nodiscard]] Band operator+(const Band& a, const Band& b);
[[nodiscard]] Band operator-(const Band& a, const Band& b);
[[nodiscard]] Band operator*(const Band& a, const Band& b);
// Infinite where 0 is in the divisor.
[[nodiscard]] Band operator/(const Band& a, const Band& b);
// More by a part of its size, whichever sign it has.
[[nodiscard]] Band changed_by(const Band& a, const Band& part);
[[nodiscard]] Band least(const Band& a, const Band& b);
[[nodiscard]] Band greatest(const Band& a, const Band& b);

struct UnitName {
  std::string_view name;
  Unit unit;
  double factor;
};
// nullptr: none is called so.
[[nodiscard]] const UnitName* find_unit(std::string_view name);

// "bytes", "a count", for messages.
[[nodiscard]] const char* describe(Unit unit);

// "12.4 MiB (12,951,216 bytes)", "12", "43.8 %", "6.71 s"
[[nodiscard]] std::string format_quantity(double value, Unit unit);
// The same of a band: "12.4 MiB to 12.9 MiB".
[[nodiscard]] std::string format_band(const Band& band, Unit unit);
// Without the exact bytes: for tables.
[[nodiscard]] std::string format_briefly(double value, Unit unit);

}  // namespace sagemem::gate
