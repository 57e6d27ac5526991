// SPDX-License-Identifier: Apache-2.0
//
// Random programs of several threads, stamped as the recorder does it and read
// back: for each address the order must be the true one, whatever the stamps
// leave open, and the true peaks must lie where the report says.
//
// Threads meet in the clock: while one of them reads it, others take steps,
// before the reading and after it.  So the gate and the slots change hands
// where that hurts most.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "decode/event_reader.h"
#include "model/replay.h"
#include "random_program.h"
#include "session/event_order.h"
#include "slow_model.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::Random;
using test::Step;
using trace::Kind;

constexpr int kDeepest = 3;  // threads that read the clock at one time

// One thread: what is left for it to do, and its writer.
struct Thread {
  std::vector<std::size_t> steps;  // of the program
  std::size_t next = 0;
  bool is_reading = false;
  OrderPass pass;
  std::uint64_t last_ticks = 1;
  std::uint64_t quiet = 0;  // events until a stamp is due
};

class Machine {
 public:
  Machine(std::vector<Step> program, std::uint32_t threads, std::uint64_t seed,
          AddressOwners& owners)
      : program_(std::move(program)),
        random_(seed),
        threads_(threads),
        order_(*gate_, owners),
        waits_for_(program_.size()) {
    gate_->set(RecorderState::Recording);
    for (std::uint32_t i = 0; i < threads; ++i) {
      threads_[i].pass.number = i + 1;
      threads_[i].pass.alone = Gate::pass_of(i + 1);
      threads_[i].pass.stamps_always = seed % 10 == 9;
    }
    find_order();
  }

  void run() {
    while (step_of_any(0)) {
    }
  }

  // In the order in which they happened, with the times that they bear.
  [[nodiscard]] const std::vector<Step>& steps() const { return done_; }
  [[nodiscard]] std::uint64_t readings() const { return readings_; }

 private:
  // A step comes after those of its thread and those at its address.
  void find_order() {
    std::map<std::uint64_t, std::size_t> last;
    std::map<std::uint32_t, std::uint64_t> reallocated;
    for (std::size_t i = 0; i < program_.size(); ++i) {
      const Step& step = program_[i];
      threads_[step.writer - 1].steps.push_back(i);
      if (step.kind == Kind::ReallocBegin) {
        reallocated[step.writer] = step.address;
      }
      const std::uint64_t address =
          step.kind == Kind::ReallocEnd && step.address == 0
              ? reallocated[step.writer]
              : step.address;
      addresses_.push_back(address);
      const auto found = last.find(address);
      waits_for_[i] = found == last.end() || address == 0 ? 0 : found->second;
      last[address] = i + 1;
    }
    is_done_.resize(program_.size() + 1);
    is_done_[0] = true;
  }

  bool step_of_any(int depth) {
    const std::size_t first = random_.below(threads_.size());
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      Thread& thread = threads_[(first + i) % threads_.size()];
      if (thread.is_reading || thread.next == thread.steps.size()) continue;
      if (!is_done_[waits_for_[thread.steps[thread.next]]]) continue;
      take_step(thread, depth);
      return true;
    }
    return false;
  }

  void meet(int depth) {
    while (depth < kDeepest && random_.chance(30)) step_of_any(depth + 1);
  }

  void take_step(Thread& thread, int depth) {
    const std::size_t number = thread.steps[thread.next++];
    const bool wants_stamp = thread.quiet == 0;
    thread.is_reading = true;
    std::size_t place = done_.size();
    const std::uint64_t ticks =
        order_.settle(thread.pass, addresses_[number], wants_stamp, [&] {
          meet(depth);
          place = done_.size();
          const std::uint64_t now = ++now_;
          ++readings_;
          meet(depth);
          return now;
        });
    thread.is_reading = false;
    if (ticks != EventOrder::kNoStamp) {
      thread.last_ticks = ticks;
      thread.quiet = random_.below(24);
    } else {
      --thread.quiet;
    }
    Step step = program_[number];
    step.ticks = thread.last_ticks;
    done_.insert(done_.begin() + static_cast<std::ptrdiff_t>(place), step);
    is_done_[number + 1] = true;
    if (ticks != EventOrder::kNoStamp) change_gate(thread);
  }

  // As the recorder does after a stamp.
  void change_gate(const Thread& thread) {
    if (!thread.pass.stamps_always && random_.chance(4)) {
      gate_->claim(thread.pass.alone);
    }
    if (random_.chance(2)) gate_->renew();
  }

  std::vector<Step> program_;
  Random random_;
  std::vector<Thread> threads_;
  std::unique_ptr<Gate> gate_ = std::make_unique<Gate>();
  EventOrder order_;
  std::vector<std::size_t> waits_for_;  // a step, counted from 1; 0: for none
  std::vector<std::uint64_t> addresses_;
  std::vector<char> is_done_;  // by step, from 1
  std::vector<Step> done_;
  std::uint64_t now_ = 1;
  std::uint64_t readings_ = 0;
};

struct Touch {
  std::uint32_t writer;
  Kind kind;
  std::uint64_t size;
  bool operator==(const Touch&) const = default;
};
using Lives = std::map<std::uint64_t, std::vector<Touch>>;

Lives lives_of(const std::vector<Step>& steps) {
  Lives lives;
  for (const Step& step : steps) {
    lives[step.address].push_back({step.writer, step.kind, step.size});
  }
  lives.erase(0);
  return lives;
}

Lives lives_of(const decode::TraceFile& file) {
  Lives lives;
  decode::EventReader reader(file);
  while (const decode::Event* event = reader.next()) {
    if (event->address == 0) continue;
    const bool has_size =
        event->kind == Kind::Alloc || event->kind == Kind::ReallocEnd;
    lives[event->address].push_back(
        {event->writer, event->kind, has_size ? event->size : 0});
  }
  return lives;
}

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : b - a;
}

void compare_parts(const model::Profile& profile, const test::SlowModel& want) {
  for (model::StackId id = 0; id < profile.uses.size(); ++id) {
    test::Stack stack;
    for (const model::Frame& frame : profile.stacks.frames(id)) {
      stack.push_back(frame.offset);
    }
    std::reverse(stack.begin(), stack.end());
    const auto found = want.uses.find(stack);
    if (found == want.uses.end()) continue;
    const model::StackUse& got = profile.uses[id];
    REQUIRE(got.allocations == found->second.allocations);
    REQUIRE(got.bytes_allocated == found->second.bytes_allocated);
    REQUIRE(got.live_bytes == found->second.live_bytes);
    REQUIRE(distance(got.own_peak_bytes, found->second.own_peak_bytes) <=
            profile.peak.bounds.parts_bytes);
  }
}

void compare(const model::Profile& profile, const test::SlowModel& want) {
  REQUIRE(profile.totals.allocations == want.allocations);
  REQUIRE(profile.totals.releases == want.releases);
  REQUIRE(profile.totals.bytes_released == want.bytes_released);
  REQUIRE(profile.totals.reallocations == want.reallocations);
  REQUIRE(profile.anomalies.unknown_releases == want.unknown_releases);
  REQUIRE(profile.anomalies.duplicate_blocks == 0);
  REQUIRE(profile.leaked_bytes == want.live_bytes);
  REQUIRE(profile.leaked_blocks == want.live_blocks);
  REQUIRE(profile.peak.bounds.least_bytes <= want.peak_bytes);
  REQUIRE(profile.peak.bounds.most_bytes >= want.peak_bytes);
  REQUIRE(profile.peak.bounds.least_bytes <= profile.peak.bytes);
  REQUIRE(profile.peak.bounds.most_bytes >= profile.peak.bytes);
  compare_parts(profile, want);
}

test::ProgramOptions shape(std::uint64_t seed) {
  test::ProgramOptions program;
  program.seed = seed;
  program.steps = 20 + seed * 37 % 180;
  program.threads = 1 + static_cast<std::uint32_t>(seed % 5);
  program.max_live = 1 + seed * 13 % 40;
  program.max_depth = 1 + seed % 3;
  return program;
}

}  // namespace

TEST_CASE("20000 random programs with few stamps", "[event_order]") {
  // One table for all: what is left of programs before is stale.
  const auto owners = std::make_unique<AddressOwners>();
  std::uint64_t events = 0;
  std::uint64_t readings = 0;
  std::uint64_t open = 0;
  for (std::uint64_t seed = 1; seed <= 20000; ++seed) {
    CAPTURE(seed);
    const test::ProgramOptions program = shape(seed);
    Machine machine(test::make_program(program), program.threads, seed,
                    *owners);
    machine.run();
    const std::vector<Step>& steps = machine.steps();
    REQUIRE(steps.size() == program.steps);
    test::BuilderOptions options;
    options.stamp_always = false;
    test::TraceBuilder trace(options);
    append(steps, trace);
    const std::vector<std::uint8_t> bytes = trace.bytes();
    const decode::TraceFile file(decode::wrap_bytes(bytes));
    const bool has_true_order = lives_of(file) == lives_of(steps);
    REQUIRE(has_true_order);
    const model::Profile profile = model::replay(file);
    compare(profile, test::run_slowly(steps));
    const std::uint64_t left =
        profile.peak.bounds.most_bytes - profile.peak.bounds.least_bytes;
    if (program.threads == 1) REQUIRE(left == 0);
    events += steps.size();
    readings += machine.readings();
    open += left != 0 ? 1 : 0;
  }
  // It was not for nothing: stamps were left out, and that left peaks open.
  CHECK(readings < events);
  CHECK(open > 2000);
}
