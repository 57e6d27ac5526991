// SPDX-License-Identifier: Apache-2.0
//
// Events a second of decoding and of the whole replay in one thread and in two,
// and memory, on traces made up in memory; or on trace files that are named.
//
// All but the last are of processor time, of two threads that of the busier
// one: what a machine that does nothing else would take.  The last is by the
// clock on the wall.
//
//   replay_rate [EVENTS]          five shapes of program, 4 million events each
//   replay_rate FILE.smt...
//
// The shapes: pairs from one stack; 1 to 4 inner frames that change and blocks
// that are released in any order, with few stacks, with a million blocks, with
// 70 000 stacks; 8 threads.
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "decode/event_reader.h"
#include "decode/trace_file.h"
#include "model/replay.h"
#include "random_program.h"
#include "trace_builder.h"

namespace {

using namespace sagemem;
using test::Random;
using test::Stack;
using test::TraceBuilder;
using Bytes = std::vector<std::uint8_t>;

double now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

// Seconds of something.  A machine that is busy with something else slows down
// the first less.
struct Times {
  double busiest = 1e9;
  double wall = 1e9;
};

// At most two threads do the work, this is one of them.
Times times(const std::function<void()>& work) {
  Times best;
  for (int round = 0; round < 3; ++round) {
    const double wall = now(CLOCK_MONOTONIC);
    const double all = now(CLOCK_PROCESS_CPUTIME_ID);
    const double own = now(CLOCK_THREAD_CPUTIME_ID);
    work();
    const double own_time = now(CLOCK_THREAD_CPUTIME_ID) - own;
    const double other = now(CLOCK_PROCESS_CPUTIME_ID) - all - own_time;
    best.busiest = std::min(best.busiest, std::max(own_time, other));
    best.wall = std::min(best.wall, now(CLOCK_MONOTONIC) - wall);
  }
  return best;
}

void measure(const std::string& name, const decode::TraceFile& file) {
  std::uint64_t events = 0;
  const Times decoding = times([&] {
    decode::EventReader reader(file);
    while (reader.next() != nullptr) {
    }
    events = reader.stats().events;
  });
  std::size_t stacks = 0;
  const auto replaying = [&](model::Threads threads) {
    return times([&] {
      model::ReplayOptions options;
      options.threads = threads;
      stacks = model::replay(file, options).stacks.size();
    });
  };
  const Times one = replaying(model::Threads::One);
  const Times two = replaying(model::Threads::Two);
  const double count = static_cast<double>(events);
  const double bytes = static_cast<double>(file.index().record_bytes);
  const double millions = count * 1e-6;
  fmt::print(
      "{:<18} {:>9} events {:>5.2f} bytes each, {:>6} stacks: decode {:>5.1f} "
      "M/s, replay {:>5.1f}, in two threads {:>5.1f}, on the wall {:>5.1f}\n",
      name, events, bytes / count, stacks, millions / decoding.busiest,
      millions / one.busiest, millions / two.busiest, millions / two.wall);
}

Stack deep_stack(std::size_t depth) {
  Stack stack;
  for (std::size_t i = 0; i < depth; ++i) {
    stack.push_back(0x400000 + 0x123 * (i + 1));
  }
  return stack;
}

// Changes 1 to 4 inner frames.
void change(Stack& stack, Random& random, std::uint64_t callees) {
  const std::uint64_t count = 1 + random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    stack[stack.size() - 1 - i] = 0x500000 + 16 * random.below(callees);
  }
}

Bytes same_stack(std::uint64_t events) {
  TraceBuilder trace;
  const Stack stack = deep_stack(25);
  for (std::uint64_t i = 0; i < events / 2; ++i) {
    const std::uint64_t address = 0x7f0000000000 + 64 * (i % 7);
    trace.alloc(1, 100 * i, 64, address, stack);
    trace.free(1, 100 * i + 50, address);
  }
  return trace.bytes();
}

Bytes random_release(std::uint64_t events, std::uint64_t callees,
                     std::uint64_t live) {
  TraceBuilder trace;
  Random random(1);
  Stack stack = deep_stack(25);
  for (std::uint64_t i = 0; i < events / 2; ++i) {
    change(stack, random, callees);
    // First all places in turn, then any of them over and over.
    const std::uint64_t place = i < live ? i : random.below(live);
    const std::uint64_t address = 0x7f0000000000 + 48 * place;
    if (i >= live) trace.free(1, 100 * i, address);
    trace.alloc(1, 100 * i + 50, 16 + random.below(1000), address, stack);
  }
  return trace.bytes();
}

Bytes threads(std::uint64_t events) {
  TraceBuilder trace;
  Random random(1);
  const Stack stack = deep_stack(25);
  for (std::uint64_t i = 0; i < events / 2; ++i) {
    const auto writer = static_cast<std::uint32_t>(1 + random.below(8));
    const std::uint64_t address = 0x7f0000000000 + 64 * i;
    trace.alloc(writer, 100 * i, 64, address, stack);
    trace.free(writer, 100 * i + 50, address);
  }
  return trace.bytes();
}

void measure_bytes(const std::string& name, const Bytes& bytes) {
  measure(name, decode::TraceFile(decode::wrap_bytes(bytes)));
}

void measure_shapes(std::uint64_t events) {
  measure_bytes("same stack", same_stack(events));
  measure_bytes("1-4 frames change", random_release(events, 4, 64));
  measure_bytes("a million live", random_release(events, 2, 1'000'000));
  measure_bytes("many stacks", random_release(events, 16, 64));
  measure_bytes("8 threads", threads(events));
}

}  // namespace

int main(int argc, char** argv) {
  char* end = nullptr;
  const std::uint64_t events =
      argc == 2 ? std::strtoull(argv[1], &end, 10) : 4'000'000;
  if (argc == 1 || (argc == 2 && *end == '\0')) {
    measure_shapes(events);
  } else {
    for (int i = 1; i < argc; ++i) {
      measure(argv[i], decode::TraceFile::open(argv[i]));
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("peak resident {} MiB\n", usage.ru_maxrss / 1024);
  return 0;
}
