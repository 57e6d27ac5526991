// SPDX-License-Identifier: Apache-2.0
#include "model/order_bound.h"

#include <algorithm>

namespace sagemem::model {
namespace {

// More minima than that are looked through for those that no run needs.
constexpr std::size_t kFewMinima = 1024;

}  // namespace

void OrderBound::begin_run(Run& run, std::uint64_t ticks) {
  put_down();
  // All runs of earlier times are complete now.
  if (ticks != ticks_) look(was_alone(run));
  ticks_ = ticks;
  last_ = &run;
  end_run(run);
  up_ -= run.up;
  down_ -= run.down;
  parts_ -= parts_of(run);
  run = {};
  run.ticks = ticks;
  run.is_first = true;
  run.began = looks_;
}

// From now on the sums are without it: most events are of the writer of the
// event before, and change one of the sums only.
void OrderBound::pick_up(const Run& run) {
  put_down();
  held_ = &run;
  up_ -= run.up;
  down_ -= run.down;
  parts_ -= parts_of(run);
}

void OrderBound::put_down() {
  if (held_ == nullptr) return;
  up_ += held_->up;
  down_ += held_->down;
  parts_ += parts_of(*held_);
  held_ = nullptr;
}

// Between two times.
void OrderBound::look(bool was_alone) {
  const auto low = static_cast<std::int64_t>(live_ - down_);
  ++looks_;
  while (!minima_.empty() && minima_.back().low >= low) minima_.pop_back();
  minima_.push_back({looks_, low});
  if (minima_.size() > kFewMinima + 2 * writers_.size()) forget_minima();
  if (low > 0) {
    bounds_.least_bytes =
        std::max(bounds_.least_bytes, static_cast<std::uint64_t>(low));
  }
  if (!was_alone) bounds_.parts_bytes = std::max(bounds_.parts_bytes, parts_);
}

// The writer was at the highest value of its run, wherever others were.
void OrderBound::end_run(const Run& run) {
  const auto low = std::upper_bound(
      minima_.begin(), minima_.end(), run.began,
      [](std::uint64_t began, const Minimum& one) { return began < one.look; });
  if (low == minima_.end()) return;
  const std::int64_t sum =
      low->low + static_cast<std::int64_t>(run.up + run.down);
  if (sum > 0) {
    bounds_.least_bytes =
        std::max(bounds_.least_bytes, static_cast<std::uint64_t>(sum));
  }
}

// A run that goes on needs the first of those since it began.
void OrderBound::forget_minima() {
  std::vector<std::uint64_t> begins;
  begins.reserve(writers_.size());
  for (const Run& run : writers_) begins.push_back(run.began);
  std::sort(begins.begin(), begins.end());
  auto begin = begins.begin();
  auto kept = minima_.begin();
  for (const Minimum& one : minima_) {
    if (begin == begins.end() || one.look <= *begin) continue;
    while (begin != begins.end() && *begin < one.look) ++begin;
    *kept++ = one;
  }
  minima_.erase(kept, minima_.end());
}

OrderBounds OrderBound::finish(std::uint64_t peak) {
  put_down();
  look(last_ != nullptr && was_alone(*last_));
  for (const Run& run : writers_) end_run(run);
  bounds_.least_bytes = std::min(bounds_.least_bytes, peak);
  bounds_.most_bytes = std::max(bounds_.most_bytes, peak);
  return bounds_;
}

}  // namespace sagemem::model
