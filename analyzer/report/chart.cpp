// SPDX-License-Identifier: Apache-2.0
#include "report/chart.h"

#include <algorithm>
#include <cmath>

namespace sagemem::report {
namespace {

// U+2580 block elements, by eighths.
constexpr const char* kWidths[] = {"",
                                   "\xe2\x96\x8f",
                                   "\xe2\x96\x8e",
                                   "\xe2\x96\x8d",
                                   "\xe2\x96\x8c",
                                   "\xe2\x96\x8b",
                                   "\xe2\x96\x8a",
                                   "\xe2\x96\x89",
                                   "\xe2\x96\x88"};
constexpr const char* kHeights[] = {" ",
                                    "\xe2\x96\x81",
                                    "\xe2\x96\x82",
                                    "\xe2\x96\x83",
                                    "\xe2\x96\x84",
                                    "\xe2\x96\x85",
                                    "\xe2\x96\x86",
                                    "\xe2\x96\x87",
                                    "\xe2\x96\x88"};
// Rising ink, for terminals without them.
constexpr const char* kAsciiHeights[] = {" ", "_", ".", "-", "=",
                                         "+", "*", "%", "#"};
constexpr std::size_t kSteps = 8;

std::size_t steps_of(std::uint64_t part, std::uint64_t whole,
                     std::size_t most) {
  if (part == 0 || whole == 0) return 0;
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  const auto steps = static_cast<std::size_t>(
      std::lround(std::min(share, 1.0) * static_cast<double>(most)));
  return std::max<std::size_t>(steps, 1);
}

}  // namespace

std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t columns,
                bool utf8) {
  std::string result;
  if (!utf8) return std::string(steps_of(part, whole, columns), '#');
  const std::size_t steps = steps_of(part, whole, columns * kSteps);
  for (std::size_t i = 0; i < steps / kSteps; ++i) result += kWidths[kSteps];
  return result + kWidths[steps % kSteps];
}

std::string sparkline(const std::vector<std::uint64_t>& values, bool utf8) {
  std::uint64_t largest = 0;
  for (const std::uint64_t value : values) largest = std::max(largest, value);
  std::string result;
  for (const std::uint64_t value : values)
    result +=
        (utf8 ? kHeights : kAsciiHeights)[steps_of(value, largest, kSteps)];
  return result;
}

}  // namespace sagemem::report
