// SPDX-License-Identifier: Apache-2.0
#include "report/units.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace sagemem::report {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

constexpr std::array<const char*, 7> kUnits = {"B",   "KiB", "MiB", "GiB",
                                               "TiB", "PiB", "EiB"};

// Three digits that count: 9.87, 98.7, 987.
std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::string format_count(std::uint64_t count) {
  const std::string digits = fmt::format("{}", count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 1023.95 would print as 1024.0.
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string format_bytes_exactly(std::uint64_t bytes) {
  if (bytes < 1024) return format_bytes(bytes);
  return fmt::format("{} ({} bytes)", format_bytes(bytes), format_count(bytes));
}

std::string format_share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  const double share =
      100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part == 0 || share >= 0.05) return fmt::format("{:.1f} %", share);
  return "<0.1 %";
}

std::string format_duration(std::int64_t ns) {
  const double value = static_cast<double>(std::max<std::int64_t>(ns, 0));
  if (value < 999.5) return fmt::format("{:.0f} ns", value);
  if (value < 999.5e3) return three_digits(value / 1e3) + " us";
  if (value < 999.5e6) return three_digits(value / 1e6) + " ms";
  const std::int64_t seconds = (ns + kSecond / 2) / kSecond;
  if (seconds < 120) return three_digits(value / 1e9) + " s";
  if (seconds < 3600)
    return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min {:02} s", seconds / 3600,
                     seconds / 60 % 60, seconds % 60);
}

std::string format_wall_time(std::int64_t realtime_ns) {
  if (realtime_ns <= 0) return "";
  const std::time_t seconds = realtime_ns / kSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc,
                     realtime_ns % kSecond / 1'000'000);
}

std::string format_things(std::uint64_t count, const char* singular) {
  return fmt::format("{} {}{}", format_count(count), singular,
                     count == 1 ? "" : "s");
}

}  // namespace sagemem::report
