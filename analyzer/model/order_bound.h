// SPDX-License-Identifier: Apache-2.0
//
// How far the peak may be from the truth because threads did not stamp every
// event (preload/session/event_order.h).
//
// A run is what one writer recorded with one stamp.  Its first event happened
// at that time; the others at any time until the writer's next stamp, in their
// order.  The reader hands all of them out at the time of the stamp.
//
//   writer 1   s . . . . . . . . . s . . .      s: stamp
//   writer 2        s . . . . s . . . . . s
//                   ^ here writer 1 was at any of its nine events
//
// So at any time, for each writer, what its own events make of the live bytes
// lies between the lowest and the highest value of the run that it is in.
//
//   most   the highest sum of highest values at any time: the true peak is not
//          above it
//   least  the highest of: the sum of lowest values at any time; for each run,
//          its highest value and the lowest sum of the others' lowest values
//          until the run ends, because at some time in between the writer was
//          there: the true peak is not below it
//   parts  the highest sum, at any time, of what the runs allocate or release,
//          whichever is more: what any part of the heap (a site, a category, a
//          scope) held at any time is not further than that from the truth;
//          but for a run in which no other writer did anything
//
// One writer alone, or a stamp for each event, makes all of it exact.
//
// O(1) an event; a run costs a search in a list of minima, as long as writers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sagemem::model {

struct OrderBounds {
  std::uint64_t least_bytes = 0;  // the true peak is from here
  std::uint64_t most_bytes = 0;   // to there
  std::uint64_t parts_bytes = 0;  // any value of a part is true within this
};

class OrderBound {
 public:
  explicit OrderBound(std::size_t writers) : writers_(writers) {}

  // Before the event is applied, for each event of a writer but the session.
  void advance(std::uint32_t writer, std::uint64_t ticks) {
    Run& run = writers_[writer];
    run.is_first = false;
    if (run.ticks != ticks) begin_run(run, ticks);
  }
  // What the event allocated and released.
  void apply(std::uint32_t writer, std::uint64_t born, std::uint64_t gone) {
    if (born == 0 && gone == 0) return;
    Run& run = writers_[writer];
    live_ += born - gone;
    // That with the stamp is not a step within the run.
    if (!run.is_first) step(run, born, gone);
    const std::uint64_t up = held_ != nullptr ? held_->up : 0;
    bounds_.most_bytes = std::max(bounds_.most_bytes, live_ + up_ + up);
  }

  // `peak`: as it came out, which a trace that contradicts itself may have
  // outside of the bounds.
  [[nodiscard]] OrderBounds finish(std::uint64_t peak);

 private:
  struct Run {
    std::uint64_t ticks = ~std::uint64_t{0};
    bool is_first = false;   // the event that it begins with
    std::uint64_t up = 0;    // highest value less the present one
    std::uint64_t down = 0;  // the present value less the lowest
    std::uint64_t born = 0;  // but by the first event
    std::uint64_t gone = 0;
    std::uint64_t began = 0;  // count of looks then
  };
  // Sums of lowest values, each the least of all since the one before.
  struct Minimum {
    std::uint64_t look;
    std::int64_t low;
  };

  void step(Run& run, std::uint64_t born, std::uint64_t gone) {
    if (held_ != &run) pick_up(run);
    run.born += born;
    run.gone += gone;
    if (born > gone) {
      run.up = less(run.up, born - gone);
      run.down += born - gone;
    } else {
      run.up += gone - born;
      run.down = less(run.down, gone - born);
    }
  }
  static std::uint64_t less(std::uint64_t from, std::uint64_t amount) {
    return from > amount ? from - amount : 0;
  }
  void begin_run(Run& run, std::uint64_t ticks);
  void end_run(const Run& run);
  // No other writer has been at anything since `run` began: its events are in
  // order as they stand.
  [[nodiscard]] bool was_alone(const Run& run) const {
    return &run == last_ && parts_ == parts_of(run);
  }
  static std::uint64_t parts_of(const Run& run) {
    return run.born > run.gone ? run.born : run.gone;
  }
  void pick_up(const Run& run);
  void put_down();
  void look(bool was_alone);
  void forget_minima();

  std::vector<Run> writers_;
  const Run* last_ = nullptr;  // the one that began last
  std::vector<Minimum> minima_;
  std::uint64_t ticks_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t live_ = 0;
  const Run* held_ = nullptr;  // the run that the sums are without
  std::uint64_t up_ = 0;       // sums over the writers
  std::uint64_t down_ = 0;
  std::uint64_t parts_ = 0;  // of what is more, born or gone
  OrderBounds bounds_;
};

}  // namespace sagemem::model
