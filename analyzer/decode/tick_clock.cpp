// SPDX-License-Identifier: Apache-2.0
#include "decode/tick_clock.h"

#include <algorithm>

namespace sagemem::decode {
namespace {

// Rates that no machine has are damage: TSCs tick between 0.1 and 10 GHz.
constexpr double kMinRate = 0.01;
constexpr double kMaxRate = 100.0;

struct Moment {
  std::uint64_t ticks;
  std::int64_t ns;
};

// Ticks a nanosecond between two moments, 0 when they do not give one.
double rate(const Moment& from, const Moment& to) {
  if (to.ticks <= from.ticks || to.ns <= from.ns) return 0;
  const double ticks = static_cast<double>(to.ticks - from.ticks);
  const double ns = static_cast<double>(to.ns) - static_cast<double>(from.ns);
  const double result = ticks / ns;
  return result >= kMinRate && result <= kMaxRate ? result : 0;
}

double find_rate(const trace::FileHeader& header, const SegmentIndex& index) {
  const Moment start{header.start_ticks, header.start_monotonic_ns};
  const Moment end{header.end_ticks, header.end_monotonic_ns};
  if (const double result = rate(start, end); result > 0) return result;
  Moment last = start;
  for (const Writer& writer : index.writers) {
    for (const Segment& segment : writer.segments) {
      const Moment moment{segment.start_ticks, segment.start_monotonic_ns};
      if (moment.ticks > last.ticks && rate(start, moment) > 0) last = moment;
    }
  }
  const double result = rate(start, last);
  return result > 0 ? result : 1.0;
}

}  // namespace

TickClock::TickClock(const trace::FileHeader& header, const SegmentIndex& index)
    : start_(header.start_ticks) {
  const auto kind = static_cast<trace::ClockKind>(header.clock_kind);
  if (kind != trace::ClockKind::MonotonicNs) {
    ticks_per_ns_ = find_rate(header, index);
  }
}

std::int64_t TickClock::to_ns(std::uint64_t ticks) const noexcept {
  if (ticks <= start_) return 0;
  // 2^62 ns are 146 years: where damaged stamps end up, still an int64.
  const double ns = static_cast<double>(ticks - start_) / ticks_per_ns_;
  return static_cast<std::int64_t>(std::min(ns, 0x1p62));
}

}  // namespace sagemem::decode
