// SPDX-License-Identifier: Apache-2.0
//
// The recorder: owns everything below it and decides whether there is anything
// to do.  The hooks in intercept/ call on_block() and on_release(); all else
// here is about beginnings and ends.
//
//            wake()              stop()
//   Fresh ----------> Recording --------> Stopped     output failed
//     ^  \                |
//     |   `---> Off       | fork: the page that holds the state reads as
//     `-------------------' zeros in the child, however it was forked
//
// Hazard: every function may run in any thread, at any time from the first
// allocation of the loader to the last instruction of the process.
#pragma once

#include <atomic>
#include <cstdint>

#include "capture/module_table.h"
#include "platform/clock.h"
#include "sagemem/trace/events.h"
#include "sagemem/trace/format.h"
#include "session/options.h"
#include "session/process_facts.h"
#include "session/session_log.h"
#include "session/thread_writer.h"
#include "transport/trace_output.h"

namespace sagemem {

// What this thread is doing, as far as hooks care.
enum class Activity : std::uint8_t {
  Idle,
  RealCall,   // inside the real allocator: what it calls is its own business
  Recording,  // inside the recorder: an event now is lost, and counted
  Resolving,  // looking up the real functions: served from the boot arena
};

struct ThreadState {
  ThreadWriter* writer;
  Activity activity;
};

// Initial-exec: two words in the static TLS block, no __tls_get_addr, which
// may allocate.  A preloaded library is always loaded at start.
extern constinit thread_local ThreadState t_state
    __attribute__((tls_model("initial-exec")));

enum class RecorderState : std::uint32_t {
  Fresh = 0,  // not started; or a fork child that did not notice yet
  Recording = 1,
  Stopped = 2,
  Off = 3,
};

class Recorder {
 public:
  [[nodiscard]] bool is_recording() const noexcept {
    return state() == RecorderState::Recording;
  }
  [[nodiscard]] RecorderState state() const noexcept {
    // Relaxed: the state changes while this thread runs only by stop(), and
    // then an event more or less in the trace does not matter.
    return static_cast<RecorderState>(gate_->load(std::memory_order_relaxed));
  }

  // When not recording: starts, or starts anew in a fork child.  False: the
  // hook just passes the call on; it has been counted where it had to be.
  bool wake(bool is_allocation) noexcept;

  // Allocation-like events, after the real call.  `point`: where the
  // hook was called from.
  void on_block(trace::Kind kind, trace::Api api, std::uint64_t size,
                std::uint64_t address, std::uint64_t alignment,
                const CallPoint& point) noexcept;
  // free and realloc_begin, before the real call.
  void on_release(trace::Kind kind, trace::Api api,
                  std::uint64_t address) noexcept;

  // Where this thread's next record goes: tells whether there was one since.
  [[nodiscard]] static const void* position() noexcept {
    return t_state.writer == nullptr ? nullptr
                                     : t_state.writer->records.cursor();
  }
  // The last record of this thread is the birth of `address`, and was made
  // since position() returned `before`.
  [[nodiscard]] static bool has_recorded(std::uint64_t address,
                                         const void* before) noexcept {
    return position() != before &&
           t_state.writer->records.last_birth() == address;
  }

  void on_dlclose() noexcept;
  void on_fork(std::int32_t child) noexcept;
  void on_exec(const char* path) noexcept;
  void on_exec_failed() noexcept;
  void on_thread_renamed() noexcept;
  // The process is about to end.  Recording goes on: hooks may be called after.
  void on_end(trace::EndKind kind, int status) noexcept;

  // A hook was entered while the thread was not Idle: by a signal handler, by
  // the loader, or `by_allocator` itself, whose own blocks are none of the
  // program's.
  void on_nested(bool is_allocation, bool by_allocator) noexcept;

  [[nodiscard]] bool records_mmap() const noexcept { return options_.mmap; }

 private:
  bool start(bool forked) noexcept;
  bool open_output(const char* const* environment, bool forked) noexcept;
  bool prepare_gate() noexcept;
  void reset_in_child() noexcept;
  void stop(const TakeError& error) noexcept;
  [[nodiscard]] bool is_own_process() const noexcept;

  [[gnu::cold]] ThreadWriter* attach() noexcept;
  [[gnu::cold]] bool next_segment(ThreadWriter& writer) noexcept;
  StackDelta capture(ThreadWriter& writer, const CallPoint& point) noexcept;
  bool needs_stamp(ThreadWriter& writer) noexcept;
  std::uint64_t stamp(ThreadWriter& writer, std::uint64_t ticks) noexcept;
  [[gnu::cold]] void sample(ThreadWriter& writer, std::uint64_t ticks) noexcept;
  void write_thread(ThreadWriter& writer, bool only_if_renamed) noexcept;
  void write_resident(ThreadWriter& writer) noexcept;

  void count_inexact(CaptureResult result) noexcept;
  void count(trace::Loss loss) noexcept;
  void count(trace::Notice notice) noexcept;
  void count_unrecorded(bool is_allocation) noexcept;

  std::atomic<std::uint32_t> initial_gate_{0};
  std::atomic<std::uint32_t>* gate_ = &initial_gate_;
  bool started_ = false;  // in this process or in the one we were forked from
  bool starting_ = false;
  std::int32_t pid_ = 0;
  std::uint64_t early_allocs_ = 0;
  std::uint64_t early_releases_ = 0;
  Options options_;
  Clock clock_;
  TraceOutput output_;
  SessionLog log_;
  ModuleTable modules_;
  WriterPool writers_;
  std::atomic<bool> many_threads_{false};  // ever, in this process
  std::atomic<std::uint64_t> last_sample_ticks_{0};
  std::atomic<std::uint64_t> sample_interval_ticks_{0};
};

extern Recorder g_recorder;

}  // namespace sagemem
