// SPDX-License-Identifier: Apache-2.0
#include "gate/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "report/units.h"

namespace sagemem::gate {
namespace {

constexpr UnitName kUnits[] = {
    {"B", Unit::Bytes, 1},
    {"KiB", Unit::Bytes, 1024.0},
    {"MiB", Unit::Bytes, 1024.0 * 1024},
    {"GiB", Unit::Bytes, 1024.0 * 1024 * 1024},
    {"TiB", Unit::Bytes, 1024.0 * 1024 * 1024 * 1024},
    {"kB", Unit::Bytes, 1e3},
    {"MB", Unit::Bytes, 1e6},
    {"GB", Unit::Bytes, 1e9},
    {"TB", Unit::Bytes, 1e12},
    {"ns", Unit::Time, 1},
    {"us", Unit::Time, 1e3},
    {"ms", Unit::Time, 1e6},
    {"s", Unit::Time, 1e9},
    {"min", Unit::Time, 60e9},
    {"h", Unit::Time, 3600e9},
    {"%", Unit::Percent, 1},
};

// What still is a number of its own as a double.
constexpr double kMostExact = 9007199254740992.0;

bool is_whole(double value) {
  return std::abs(value) <= kMostExact && value == std::floor(value);
}

std::string format_number(double value) {
  if (!is_whole(value)) return fmt::format("{:.4g}", value);
  return report::format_count(static_cast<std::uint64_t>(value));
}

std::string format_bytes(double value, bool is_exact) {
  if (value >= kMostExact) return fmt::format("{:.4g} bytes", value);
  if (!is_whole(value) && value < 1024) return fmt::format("{:.1f} B", value);
  const auto bytes = static_cast<std::uint64_t>(std::llround(value));
  return is_exact && is_whole(value) ? report::format_bytes_exactly(bytes)
                                     : report::format_bytes(bytes);
}

// Of a value that is not negative.
std::string format_amount(double value, Unit unit, bool is_exact) {
  switch (unit) {
    case Unit::Bytes:
      return format_bytes(value, is_exact);
    case Unit::Time:
      return value < 9e18 ? report::format_duration(std::llround(value))
                          : fmt::format("{:.4g} s", value / 1e9);
    case Unit::Percent:
      return fmt::format("{:.1f} %", value);
    case Unit::Number:
    case Unit::Ratio:
    case Unit::Count:
      break;
  }
  return format_number(value);
}

std::string format(double value, Unit unit, bool is_exact) {
  const std::string text = format_amount(std::abs(value), unit, is_exact);
  return value < 0 ? '-' + text : text;
}

// The sides of a band may change places.
template <typename Compute>
Band over_corners(const Band& a, const Band& b, Compute compute) {
  const auto [low, high] =
      std::minmax({compute(a.low, b.low), compute(a.low, b.high),
                   compute(a.high, b.low), compute(a.high, b.high)});
  return {low, compute(a.middle, b.middle), high};
}

}  // namespace

bool Band::is_finite() const {
  return std::isfinite(low) && std::isfinite(middle) && std::isfinite(high);
}

Band operator+(const Band& a, const Band& b) {
  return {a.low + b.low, a.middle + b.middle, a.high + b.high};
}

Band operator-(const Band& a, const Band& b) {
  return {a.low - b.high, a.middle - b.middle, a.high - b.low};
}

Band operator*(const Band& a, const Band& b) {
  return over_corners(a, b, [](double x, double y) { return x * y; });
}

Band operator/(const Band& a, const Band& b) {
  if (b.low <= 0 && b.high >= 0)
    return Band::at(std::numeric_limits<double>::infinity());
  return over_corners(a, b, [](double x, double y) { return x / y; });
}

Band changed_by(const Band& a, const Band& part) {
  Band result = over_corners(
      a, part, [](double x, double y) { return x + std::abs(x) * y; });
  // By more than all of it: the least is in between.
  if (a.low < 0 && a.high > 0) {
    result.low = std::min(result.low, 0.0);
    result.high = std::max(result.high, 0.0);
  }
  return result;
}

Band least(const Band& a, const Band& b) {
  return {std::min(a.low, b.low), std::min(a.middle, b.middle),
          std::min(a.high, b.high)};
}

Band greatest(const Band& a, const Band& b) {
  return {std::max(a.low, b.low), std::max(a.middle, b.middle),
          std::max(a.high, b.high)};
}

const UnitName* find_unit(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kUnits), std::end(kUnits),
                   [name](const UnitName& one) { return one.name == name; });
  return found == std::end(kUnits) ? nullptr : found;
}

const char* describe(Unit unit) {
  switch (unit) {
    case Unit::Number:
      return "a number";
    case Unit::Ratio:
      return "a ratio";
    case Unit::Count:
      return "a count";
    case Unit::Bytes:
      return "bytes";
    case Unit::Time:
      return "a time";
    case Unit::Percent:
      return "a percentage";
  }
  return "";
}

std::string format_quantity(double value, Unit unit) {
  return format(value, unit, true);
}

std::string format_band(const Band& band, Unit unit) {
  if (band.is_point()) return format_quantity(band.middle, unit);
  return fmt::format("{} to {}", format(band.low, unit, false),
                     format(band.high, unit, false));
}

std::string format_briefly(double value, Unit unit) {
  return format(value, unit, false);
}

}  // namespace sagemem::gate
