// SPDX-License-Identifier: Apache-2.0
//
// What is still counted when recording has stopped: with this the totals of the
// process are exact to its end, whatever ended the trace.  Who was live, and
// where, would take a table of blocks in the process; those numbers end with
// the recording, and the report says so.
#include "session/recorder.h"

namespace sagemem {

using trace::Kind;
using trace::Late;

namespace {

// The block that this thread has counted last: an operator new that is not
// libstdc++'s may call malloc, which has counted it, or not.
constinit thread_local std::uint64_t t_last_late
    __attribute__((tls_model("initial-exec"))) = 0;

// Any number that differs between threads will do; that of the writer does not
// exist in a thread that never recorded.  Stacks, and the thread-local storage
// in them, lie at distances of powers of two, hence the multiplication.
std::size_t shard_of_thread() noexcept {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
  const auto place = reinterpret_cast<std::uintptr_t>(&t_last_late);
  static_assert(trace::kLateShards == 1 << 5);
  return static_cast<std::size_t>(place * golden >> (64 - 5));
}

// One thread's counters, or those that a few threads share: added to without
// contention, as a rule.
class Counters {
 public:
  explicit Counters(trace::FileHeader& header) noexcept
      : counters_(header.late[shard_of_thread()]) {}

  void add(Late which, std::uint64_t count) noexcept {
    std::uint64_t& counter = counters_[static_cast<std::size_t>(which)];
    // Relaxed: a count, read when all is over.
    std::atomic_ref(counter).fetch_add(count, std::memory_order_relaxed);
  }

 private:
  std::uint64_t (&counters_)[trace::kLateCounters];
};

}  // namespace

void Recorder::on_late_block(Kind kind, std::uint64_t size,
                             std::uint64_t address) noexcept {
  if (g_gate.state() != RecorderState::Stopped) return;
  if (kind == Kind::Map || kind == Kind::Unmap) return;
  Counters counters(*output_.header());
  const bool is_realloc = kind == Kind::ReallocEnd;
  // realloc(block, 0) may release the block and return nothing.
  const bool is_released = is_realloc && size == 0;
  if (address == 0 && !is_released) return counters.add(Late::Failed, 1);
  if (is_realloc) {
    counters.add(Late::Releases, 1);
    if (address == 0) return;
    counters.add(Late::Reallocations, 1);
  }
  counters.add(Late::Allocations, 1);
  counters.add(Late::Bytes, size);
  t_last_late = address;
}

void Recorder::on_late_release() noexcept {
  if (g_gate.state() != RecorderState::Stopped) return;
  Counters(*output_.header()).add(Late::Releases, 1);
}

bool Recorder::was_counted_late(std::uint64_t address) noexcept {
  return t_last_late == address;
}

void Recorder::forget_late() noexcept {
  t_last_late = 0;
}

}  // namespace sagemem
