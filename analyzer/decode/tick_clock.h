// SPDX-License-Identifier: Apache-2.0
//
// Clock ticks of stamps to nanoseconds since the start of the recording.
//
// The rate follows from two moments at which both clocks were read: the start
// in the file header, and its end; of a program that was killed the latest
// segment start instead.  The wider apart, the better.
#pragma once

#include <cstdint>

#include "decode/segment_index.h"
#include "sagemem/trace/format.h"

namespace sagemem::decode {

class TickClock {
 public:
  TickClock() = default;
  TickClock(const trace::FileHeader& header, const SegmentIndex& index);

  // A stamp from before the start counts as the start.
  [[nodiscard]] std::int64_t to_ns(std::uint64_t ticks) const noexcept;
  [[nodiscard]] double ticks_per_ns() const noexcept { return ticks_per_ns_; }
  [[nodiscard]] std::uint64_t start_ticks() const noexcept { return start_; }

 private:
  std::uint64_t start_ = 0;
  double ticks_per_ns_ = 1.0;
};

}  // namespace sagemem::decode
