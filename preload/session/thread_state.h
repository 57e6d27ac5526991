// SPDX-License-Identifier: Apache-2.0
//
// What this thread is doing, as far as hooks care.
//
//   pass      compared with the gate: equal means "go ahead, the short way"
//   activity  looked at when it is not
//
// While a hook is at work the pass is kInside, which no gate has: a hook that
// is entered then was called by the allocator itself, by the loader on the
// recorder's behalf or by a signal handler.
#pragma once

#include <atomic>
#include <cstdint>

namespace sagemem {

struct ThreadWriter;

enum class Activity : std::uint8_t {
  Idle,
  RealCall,   // inside the real allocator: what it calls is its own business
  Recording,  // inside the recorder: an event now is lost, and counted
  Resolving,  // looking up the real functions: served from the boot arena
};

// Negative as signed numbers: one test tells both from a pass.
inline constexpr std::int64_t kNoPass = -2;  // no writer yet, or no short way
inline constexpr std::int64_t kInside = -1;

struct ThreadState {
  std::int64_t pass;
  ThreadWriter* writer;
  Activity marked;

  [[nodiscard]] Activity activity() const noexcept {
    if (marked == Activity::Idle && pass == kInside) return Activity::RealCall;
    return marked;
  }
  [[nodiscard]] bool is_idle() const noexcept {
    return activity() == Activity::Idle;
  }
  // Goes back to being idle, with the pass of the writer that it has by now.
  void leave() noexcept;
};

// Initial-exec: three words in the static TLS block, no __tls_get_addr, which
// may allocate.  A preloaded library is always loaded at start.
extern constinit thread_local ThreadState t_state
    __attribute__((tls_model("initial-exec")));

// Marks an activity for as long as it exists.
class ActivityScope {
 public:
  explicit ActivityScope(Activity activity) noexcept
      : was_(t_state.marked), was_inside_(t_state.pass == kInside) {
    t_state.marked = activity;
    t_state.pass = kInside;
    // Against a signal handler of this thread: see go_inside().
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~ActivityScope() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    t_state.marked = was_;
    if (!was_inside_) t_state.leave();
  }
  ActivityScope(const ActivityScope&) = delete;
  ActivityScope& operator=(const ActivityScope&) = delete;

 private:
  Activity was_;
  bool was_inside_;
};

}  // namespace sagemem
