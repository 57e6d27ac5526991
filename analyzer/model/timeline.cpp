// SPDX-License-Identifier: Apache-2.0
#include "model/timeline.h"

#include <algorithm>

namespace sagemem::model {

Timeline::Timeline(std::uint64_t start_ticks) : start_(start_ticks) {
  points_.reserve(kMaxTimeline);
  points_.emplace_back();
  set_end();
}

void Timeline::next_point(std::uint64_t ticks, std::uint64_t live_bytes) {
  // Never before start_: end_of_point_ is behind it.
  const std::uint64_t elapsed = ticks - start_;
  while (elapsed >> shift_ >= kMaxTimeline) merge_neighbours();
  // Nothing happened meanwhile: the points in between keep the level.
  const std::uint64_t needed = (elapsed >> shift_) + 1;
  while (points_.size() < needed) points_.push_back({live_bytes, resident_});
  set_end();
}

void Timeline::merge_neighbours() {
  const std::size_t count = points_.size();
  for (std::size_t i = 0; i < (count + 1) / 2; ++i) {
    const Point& first = points_[2 * i];
    const Point& second = points_[std::min(2 * i + 1, count - 1)];
    points_[i] = {std::max(first.max_bytes, second.max_bytes),
                  second.resident_bytes};
  }
  points_.resize((count + 1) / 2);
  ++shift_;
}

void Timeline::set_end() {
  const std::uint64_t elapsed = static_cast<std::uint64_t>(points_.size())
                                << shift_;
  // The last interval before the end of 64-bit time never ends.
  const bool is_last = elapsed >> shift_ != points_.size() ||
                       elapsed > ~std::uint64_t{0} - start_;
  end_of_point_ = is_last ? ~std::uint64_t{0} : start_ + elapsed;
}

std::vector<TimePoint> Timeline::finish(const decode::TickClock& clock,
                                        std::uint64_t end_ticks) const {
  std::vector<TimePoint> result;
  result.reserve(points_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const bool is_last = i + 1 == points_.size();
    const std::uint64_t end =
        is_last ? end_ticks
                : start_ + (static_cast<std::uint64_t>(i + 1) << shift_);
    result.push_back(
        {clock.to_ns(end), points_[i].max_bytes, points_[i].resident_bytes});
  }
  return result;
}

}  // namespace sagemem::model
