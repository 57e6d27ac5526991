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

#include "build_config.h"
#include "capture/module_table.h"
#include "platform/clock.h"
#include "sagemem/trace/events.h"
#include "sagemem/trace/format.h"
#include "session/gate.h"
#include "session/marker_names.h"
#include "session/options.h"
#include "session/packer_start.h"
#include "session/process_facts.h"
#include "session/session_log.h"
#include "session/thread_state.h"
#include "session/thread_writer.h"
#include "transport/trace_output.h"

namespace sagemem {

// A block this large has a stamp of its own: when it came is worth knowing, and
// its first use costs more.
inline constexpr std::uint64_t kLargeBlock = std::uint64_t{64} * 1024;

// Bytes of records that a loop may write the short way before it has a stamp:
// few, for it may be a slow loop.
inline constexpr std::size_t kFirstBytes = 24;

class Recorder {
 public:
  // Within this library and of the program all the same: the leak scan looks
  // at it.
  void set_program_memory(const void* start, std::size_t bytes) noexcept {
    program_start_ = reinterpret_cast<std::uint64_t>(start);
    program_end_ = program_start_ + bytes;
  }

  [[nodiscard]] static bool is_recording() noexcept {
    return g_gate.state() == RecorderState::Recording;
  }

  // When not recording: starts, or starts anew in a fork child.  False: the
  // hook just passes the call on; it has been counted where it had to be.
  bool wake(bool is_allocation) noexcept;

  // The short ways, for a thread to whose pass the gate is open and that is in
  // order: the same call stack as before, no stamp due.  False: nothing was
  // done, take the general way below.
  static bool on_simple_alloc(trace::Api api, std::uint64_t size,
                              std::uint64_t address,
                              const CallPoint& point) noexcept;
  static bool on_simple_free(trace::Api api, std::uint64_t address) noexcept;
  // realloc_begin.
  static bool on_simple_realloc(std::uint64_t address) noexcept;

  // When the gate is open to `pass`: an event of this thread at `address` may
  // go the short and quick ways, which have no stamps.
  [[nodiscard]] static bool is_in_order(std::int64_t pass,
                                        std::uint64_t address) noexcept {
    if (!Gate::is_shared_pass(pass)) [[likely]]
      return true;
    return g_owners.is_of(address, t_state.writer->order.number);
  }

  // The same where only inner frames are new: the quick way.
  static bool on_inner_block(trace::Kind kind, trace::Api api,
                             std::uint64_t size, std::uint64_t address,
                             const CallPoint& point) noexcept;

  // Allocation-like events, after the real call.  `point`: where the
  // hook was called from.
  void on_block(trace::Kind kind, trace::Api api, std::uint64_t size,
                std::uint64_t address, std::uint64_t alignment,
                const CallPoint& point) noexcept;
  // free and realloc_begin, before the real call.
  void on_release(trace::Kind kind, trace::Api api, std::uint64_t address,
                  const CallPoint& point) noexcept;

  // Where this thread's next record goes: tells whether there was one since.
  [[nodiscard]] static const void* position() noexcept {
    return t_state.writer == nullptr ? nullptr
                                     : t_state.writer->records.cursor();
  }
  // The last record of this thread is about `address`, and was made since
  // position() returned `before`.
  [[nodiscard]] static bool has_recorded(std::uint64_t address,
                                         const void* before) noexcept {
    return position() != before &&
           t_state.writer->records.last_address() == address;
  }

  // When recording has stopped, and this thread is in no hook.
  [[nodiscard]] static bool is_late() noexcept {
    return g_gate.state() == RecorderState::Stopped && t_state.is_idle();
  }
  // Counts what can not be recorded any more.  Nothing in any other state.
  void on_late_block(trace::Kind kind, std::uint64_t size,
                     std::uint64_t address) noexcept;
  void on_late_release() noexcept;
  // The one that found that nothing can be recorded any more.  A realloc is
  // counted at its end.
  void on_unrecorded_release(trace::Kind kind) noexcept {
    if (kind == trace::Kind::Free) on_late_release();
  }
  // The last one that this thread has counted, since forget_late().
  [[nodiscard]] static bool was_counted_late(std::uint64_t address) noexcept;
  static void forget_late() noexcept;

  // ------------------------------------------------------------------ scopes
  // From any thread at any time.  In the middle of the recorder's own work
  // (a signal handler that is probed) nothing is recorded, and it is counted.

  // `frame`: CFA of the probed call, which ends the scope when it returns or is
  // left; OpenScopes::kNoFrame: something else ends it.
  void on_scope_begin(std::uint32_t rule, bool is_process_wide,
                      std::uint64_t frame, const ScopeValues& values) noexcept;
  void on_scope_end(std::uint32_t rule, std::uint64_t frame, bool is_abandoned,
                    const ScopeValues& values) noexcept;
  void on_label(std::uint32_t rule, std::int64_t value) noexcept;
  void on_note(std::uint32_t rule, std::int64_t value) noexcept;
  // longjmp is about to be called.
  static void on_jump() noexcept;
  // What the program says itself, see sagemem.h.  Ended is the innermost one.
  void on_marker_begin(const char* name, std::int64_t number) noexcept;
  void on_marker_end() noexcept;
  void on_marker_note(const char* key, std::int64_t value) noexcept;
  void on_snapshot(const char* label) noexcept;
  void announce(const RuleText& rule) noexcept;
  void announce(const ProbeText& probe) noexcept;
  void announce_info(const char* key, const char* value) noexcept;
  // So many by now, in place of what was said before: announcements repeat.
  void on_unseen_functions(std::uint64_t count) noexcept;
  // Called in a fork child that records: announces all rules and probes.
  void set_announcer(void (*announcer)() noexcept) noexcept {
    announcer_ = announcer;
  }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

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
  friend class RecorderScan;

  bool start(bool forked) noexcept;
  bool open_output(const char* const* environment, bool forked) noexcept;
  void reset_in_child() noexcept;
  void stop(const TakeError& error) noexcept;
  [[nodiscard]] bool is_own_process() const noexcept;

  [[gnu::cold]] ThreadWriter* attach() noexcept;
  [[gnu::cold]] bool next_segment(ThreadWriter& writer) noexcept;
  [[gnu::cold]] bool scan_memory() noexcept;
  [[gnu::cold]] bool next_scan_segment(ThreadWriter& writer) noexcept;
  StackDelta capture(ThreadWriter& writer, const CallPoint& point) noexcept;
  static void check_last(const ThreadWriter& writer,
                         const CallPoint& point) noexcept;
  std::uint64_t order(ThreadWriter& writer, std::uint64_t address,
                      bool wants_stamp) noexcept;
  std::uint64_t stamp(ThreadWriter& writer, std::uint64_t ticks) noexcept;
  void look_for_others(ThreadWriter& writer, std::uint64_t ticks) noexcept;
  void revalidate(ModuleTable::Thoroughness how) noexcept;
  [[nodiscard]] bool is_settled(const ThreadWriter& writer,
                                std::uint64_t caller) const noexcept;
  template <VerifiedUnwinder::LastStack last>
  [[gnu::noinline]] static bool write_inner_block(
      ThreadWriter& writer, trace::Kind kind, trace::Api api,
      std::uint64_t size, std::uint64_t address,
      const CallPoint& point) noexcept;
  template <VerifiedUnwinder::LastStack last>
  [[gnu::noinline]] static bool walk_inner_block(
      ThreadWriter& writer, trace::Kind kind, trace::Api api,
      std::uint64_t size, std::uint64_t address,
      const CallPoint& point) noexcept;
  [[gnu::cold]] void sample(ThreadWriter& writer, std::uint64_t ticks) noexcept;
  template <typename Write>
  void record_scope(Write write) noexcept;
  ThreadWriter* find_writer() noexcept;
  [[nodiscard]] std::uint64_t read_ticks() const noexcept;
  struct Tag {
    std::uint8_t flag = 0;  // of the kind
    // It counts for the events of all threads: those after it, too, have to
    // be known to be after it.
    bool reaches_all = false;
  };
  void write_scope(ThreadWriter& writer, trace::Kind kind, Tag tag,
                   std::uint32_t rule, const ScopeValues& values) noexcept;
  [[gnu::noinline]] void write_scope_generally(
      ThreadWriter& writer, trace::Kind kind, Tag tag, std::uint32_t rule,
      const ScopeValues& values) noexcept;
  void begin_scope(ThreadWriter& writer, const OpenScope& scope,
                   const ScopeValues& values) noexcept;
  [[gnu::cold]] void take_over_scopes(ThreadWriter& writer) noexcept;
  [[gnu::cold]] void close_left_scopes(ThreadWriter& writer,
                                       const CallPoint& point) noexcept;
  [[gnu::cold]] void abandon_innermost(ThreadWriter& writer) noexcept;
  bool find_marker(trace::RuleUse use, const char* name,
                   std::uint32_t& rule) noexcept;
  void announce_marker(std::uint32_t index) noexcept;
  void write_thread(ThreadWriter& writer, bool only_if_renamed) noexcept;
  void write_resident(ThreadWriter& writer) noexcept;

  void count_inexact(CaptureResult result) noexcept;
  void count(trace::Loss loss) noexcept;
  void count(trace::Notice notice) noexcept;

  bool started_ = false;  // in this process or in the one we were forked from
  bool starting_ = false;
  std::atomic<bool> has_scanned_{false};
  std::int32_t pid_ = 0;
  std::uint64_t early_allocs_ = 0;
  std::uint64_t early_releases_ = 0;
  std::uint64_t program_start_ = 0;
  std::uint64_t program_end_ = 0;
  Options options_;
  Clock clock_;
  TraceOutput output_;
  SessionLog log_;
  ModuleTable modules_;
  WriterPool writers_;
  PackerStart packer_;
  MarkerNames marker_names_;
  void (*announcer_)() noexcept = nullptr;
  // In a fork child: what its first thread had open in the parent.
  OpenScopes inherited_scopes_;
  std::atomic<std::uint64_t> last_sample_ticks_{0};
  std::atomic<std::uint64_t> sample_interval_ticks_{0};
};

extern Recorder g_recorder;

// Always inlined: these are the body of malloc and free for most events.
[[gnu::always_inline]] inline bool Recorder::on_simple_alloc(
    trace::Api api, std::uint64_t size, std::uint64_t address,
    const CallPoint& point) noexcept {
  ThreadWriter& writer = *t_state.writer;
  if (size >= kLargeBlock || !writer.records.can_write_alloc_again(api) ||
      !writer.stacks.is_last_again(point)) [[unlikely]] {
    return false;
  }
  if constexpr (kCheckUnwind) check_last(writer, point);
  writer.records.write_alloc_again(size, address);
  return true;
}

[[gnu::always_inline]] inline bool Recorder::on_simple_free(
    trace::Api api, std::uint64_t address) noexcept {
  RecordWriter& records = t_state.writer->records;
  if (!records.can_write_free_again(api)) [[unlikely]]
    return false;
  records.write_free_again(address);
  return true;
}

[[gnu::always_inline]] inline bool Recorder::on_simple_realloc(
    std::uint64_t address) noexcept {
  RecordWriter& records = t_state.writer->records;
  if (records.needs_stamp()) [[unlikely]]
    return false;
  records.write_release(trace::Kind::ReallocBegin, trace::Api::Realloc,
                        RecordWriter::kNoStamp, address);
  return true;
}

}  // namespace sagemem
