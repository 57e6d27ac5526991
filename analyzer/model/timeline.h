// SPDX-License-Identifier: Apache-2.0
//
// Heap over time, in one pass and fixed memory: time is cut into intervals of
// 2^k ticks, and when the points run out each two neighbours become one and k
// grows by one.  What comes out depends on the events only, not on when the
// merging happened.
//
//   live bytes   __/\___/\/\____      points   2 5 2 4 5 5 2
#pragma once

#include <cstdint>
#include <vector>

#include "decode/tick_clock.h"
#include "model/profile.h"

namespace sagemem::model {

class Timeline {
 public:
  explicit Timeline(std::uint64_t start_ticks);

  // To be called for every event, before it changes anything: the level held
  // until now.
  void advance(std::uint64_t ticks, std::uint64_t live_bytes) {
    if (ticks >= end_of_point_) next_point(ticks, live_bytes);
  }
  // The level rose at the present moment.
  void raise(std::uint64_t live_bytes) {
    if (live_bytes > points_.back().max_bytes) {
      points_.back().max_bytes = live_bytes;
    }
  }
  void sample_resident(std::uint64_t bytes) {
    resident_ = bytes;
    points_.back().resident_bytes = bytes;
  }

  // The times are the ends of the intervals; the last is `end_ticks`.
  [[nodiscard]] std::vector<TimePoint> finish(const decode::TickClock& clock,
                                              std::uint64_t end_ticks) const;

 private:
  struct Point {
    std::uint64_t max_bytes = 0;
    std::uint64_t resident_bytes = 0;
  };

  void next_point(std::uint64_t ticks, std::uint64_t live_bytes);
  void merge_neighbours();
  void set_end();

  std::uint64_t start_;
  std::uint64_t end_of_point_ = 0;
  std::uint64_t resident_ = 0;  // last sample
  unsigned shift_ = 0;          // an interval is 2^shift_ ticks
  std::vector<Point> points_;   // the last one is being filled
};

}  // namespace sagemem::model
