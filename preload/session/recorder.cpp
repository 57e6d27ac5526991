// SPDX-License-Identifier: Apache-2.0
#include "session/recorder.h"

#include <algorithm>

#include "build_config.h"
#include "capture/stack_check.h"

// Where this library begins and its code ends, from the linker.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" const char __ehdr_start __attribute__((visibility("hidden")));
extern "C" const char etext __attribute__((visibility("hidden")));
// NOLINTEND(readability-identifier-naming)

namespace sagemem {

using trace::Kind;
using trace::Loss;
using trace::Notice;

constinit thread_local ThreadState t_state{kNoPass, nullptr, Activity::Idle};
constinit Recorder g_recorder;

void ThreadState::leave() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  pass = writer == nullptr ? kNoPass : writer->short_pass;
}

namespace {

// Events that come faster than this one after the other are stamped together...
constexpr std::uint64_t kQuickTicks = 25'000;  // about ten microseconds
// ... after so many have come that fast, one by one: see needs_stamp().
constexpr std::uint32_t kQuickStamps = 8;
// As many bytes of records share a stamp: some 50 pairs in a loop that
// allocates and frees, some 20 with call stacks that change.
constexpr std::size_t kBytesPerStamp = 256;
constexpr std::size_t kUsualBytes = 4;  // of a record

// Threads that allocate little keep a small segment, busy ones a large one.
std::uint32_t grown(std::uint32_t units) noexcept {
  return units == 0 ? 1 : std::min(units * 2, trace::kMaxSegmentUnits);
}

// Of code in this library only stubs have frames in a stack.
bool is_of_stub(std::uint64_t pc) noexcept {
  return pc - reinterpret_cast<std::uint64_t>(&__ehdr_start) <
         reinterpret_cast<std::uint64_t>(&etext) -
             reinterpret_cast<std::uint64_t>(&__ehdr_start);
}

// The stub that called the scope's function waits for its return, or something
// else than a return ends the scope.
bool is_standing(const OpenScope& scope, const StackDelta& stack) noexcept {
  if (scope.frame == OpenScopes::kNoFrame) return true;
  for (std::uint32_t i = 1; i < stack.depth; ++i) {
    if (stack.frames[i - 1].sp == scope.frame) {
      return is_of_stub(stack.frames[i].pc);
    }
  }
  return false;
}

void add_one(std::uint64_t& counter) noexcept {
  // Relaxed: a count, read when all is over.
  std::atomic_ref(counter).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

// Inlined: what is called is the unwinder.
[[gnu::always_inline]] inline StackDelta Recorder::capture(
    ThreadWriter& writer, const CallPoint& point) noexcept {
  const CaptureResult result =
      options_.use_libunwind ? writer.stacks.capture_uncached(point, modules_)
                             : writer.stacks.capture(point, modules_);
  if (result != CaptureResult::Verified) [[unlikely]] {
    count_inexact(result);
  }
  if constexpr (kCheckUnwind) {
    if (result == CaptureResult::Verified &&
        !is_as_libunwind(point, writer.stacks.delta())) {
      count(Notice::UnwindMismatch);
    }
  }
  return writer.stacks.delta();
}

void Recorder::on_block(Kind kind, trace::Api api, std::uint64_t size,
                        std::uint64_t address, std::uint64_t alignment,
                        const CallPoint& point) noexcept {
  ThreadWriter* writer = t_state.writer;
  if (writer == nullptr) [[unlikely]] {
    writer = attach();
    if (writer == nullptr) return on_late_block(kind, size, address);
  }
  // The block of a realloc that fails, and lives on.
  const std::uint64_t last = writer->records.last_address();
  if (writer->scopes.is_suspect()) [[unlikely]]
    close_left_scopes(*writer, point);
  StackDelta stack = capture(*writer, point);
  if (!writer->records.has_room(RecordWriter::record_bytes(stack.push())))
      [[unlikely]] {
    if (!next_segment(*writer)) return on_late_block(kind, size, address);
    stack = writer->stacks.restart();
  }
  // After the capture: the real call has retired long before.
  const bool wants_stamp =
      size >= kLargeBlock || kind == Kind::Map || kind == Kind::Unmap ||
      // A loop has begun.
      (stack.is_same() && !writer->records.are_short_ways_open());
  const bool has_failed = kind == Kind::ReallocEnd && address == 0;
  const std::uint64_t ticks =
      order(*writer, has_failed ? last : address, wants_stamp);
  writer->records.write_block(kind, api, ticks, stack, size, address,
                              alignment);
  writer->stacks.accept();
  if (ticks == RecordWriter::kNoStamp) {
    writer->records.limit_short_ways(kFirstBytes);
  }
  if (ticks >= writer->next_sample_ticks) [[unlikely]]
    sample(*writer, ticks);
}

void Recorder::on_release(Kind kind, trace::Api api, std::uint64_t address,
                          const CallPoint& point) noexcept {
  ThreadWriter* writer = t_state.writer;
  if (writer == nullptr) [[unlikely]] {
    writer = attach();
    if (writer == nullptr) return on_unrecorded_release(kind);
  }
  StackDelta stack{};
  const bool has_stack = options_.free_stacks && kind == Kind::Free;
  if (has_stack) stack = capture(*writer, point);
  if (!writer->records.has_room(RecordWriter::record_bytes(stack.push())))
      [[unlikely]] {
    if (!next_segment(*writer)) return on_unrecorded_release(kind);
    if (has_stack) stack = writer->stacks.restart();
  }
  const std::uint64_t ticks = order(*writer, address, false);
  writer->records.write_release(kind, api, ticks, address,
                                has_stack ? &stack : nullptr);
  if (has_stack) writer->stacks.accept();
  if (ticks >= writer->next_sample_ticks) [[unlikely]]
    sample(*writer, ticks);
}

// Closes those of which the call stack says that they were left.
void Recorder::close_left_scopes(ThreadWriter& writer,
                                 const CallPoint& point) noexcept {
  const StackDelta stack = capture(writer, point);
  while (!writer.scopes.is_empty() &&
         !is_standing(writer.scopes.innermost(), stack)) {
    abandon_innermost(writer);
  }
  writer.scopes.trust();
}

// A stamp says when, and among several threads in which order: what needs one
// for the order, event_order.h says.  For the time, as long as events come in
// quick succession, one in kBytesPerStamp is stamped; where they come slowly,
// each is.  After a pause, what comes before the next stamp bears the time of
// before the pause, and is known by having no stamp of its own.  (A look at the
// coarse clock would find most pauses, at 13 ns an event on a virtual machine:
// as much as all the rest.)
std::uint64_t Recorder::order(ThreadWriter& writer, std::uint64_t address,
                              bool wants_stamp) noexcept {
  // Before the clock is read: what was announced has a stamp, and the stacks
  // that need it come after.
  const std::uint32_t generation = modules_.generation();
  const std::uint64_t rule = writer.order.current;
  const std::uint64_t ticks =
      EventOrder(g_gate, g_owners)
          .settle(writer.order, address,
                  wants_stamp || writer.records.needs_stamp() ||
                      generation != writer.generation,
                  [this]() noexcept { return read_ticks(); });
  if (ticks == RecordWriter::kNoStamp) return ticks;
  writer.generation = generation;
  // Modules may have gone since its last capture: see revalidate().
  if (writer.order.current != rule) {
    writer.stacks.forget_last();
    if (writer.has_short_ways) {
      writer.short_pass = static_cast<std::int64_t>(writer.order.current);
    }
  }
  const std::uint64_t stamped = stamp(writer, ticks);
  if (!g_gate.is_open_to(writer.order.alone)) look_for_others(writer, stamped);
  return stamped;
}

// `ticks`, or later if the clock went back.
std::uint64_t Recorder::stamp(ThreadWriter& writer,
                              std::uint64_t ticks) noexcept {
  const std::uint64_t last = writer.records.last_ticks();
  if (ticks < last) [[unlikely]] {
    count(Notice::ClockStepBack);
    ticks = last;
  }
  const std::uint64_t quick =
      kQuickTicks * (1 + writer.records.bytes_since_stamp() / kUsualBytes);
  if (ticks - last > quick) {
    writer.quick_stamps = 0;
  } else {
    ++writer.quick_stamps;
  }
  if (writer.quick_stamps < kQuickStamps) {
    writer.records.demand_stamps();
  } else {
    writer.records.excuse_from_stamps(kBytesPerStamp);
  }
  return ticks;
}

// The check build: the short way against libunwind.
void Recorder::check_last(const ThreadWriter& writer,
                          const CallPoint& point) noexcept {
  if (!is_as_libunwind(point, writer.stacks.last())) {
    g_recorder.count(Notice::UnwindMismatch);
  }
}

void Recorder::count_inexact(CaptureResult result) noexcept {
  switch (result) {
    case CaptureResult::Verified:
      break;
    case CaptureResult::Walked:
      if (!options_.use_libunwind) count(Notice::StackByLibunwind);
      break;
    case CaptureResult::Truncated:
      count(Notice::StackTruncated);
      break;
    case CaptureResult::Failed:
      count(Notice::UnwindFailed);
      break;
    case CaptureResult::Guessed:
      count(Notice::StackGuessed);
      break;
  }
}

ThreadWriter* Recorder::attach() noexcept {
  bool recycled = false;
  const auto tid = static_cast<std::int32_t>(system_call(SYS_gettid));
  ThreadWriter* writer = writers_.attach(pid_, tid, recycled);
  if (writer == nullptr) {
    count(Loss::NoWriter);
    return nullptr;
  }
  writer->order.alone = Gate::pass_of(writer->order.number);
  writer->order.stamps_always = options_.stamp_every;
  writer->has_short_ways = !options_.free_stacks && !options_.use_libunwind;
  if (recycled) {
    count(Notice::WriterRecycled);
    writer->name[0] = '\0';
    if (writer->records.has_room(RecordWriter::control_bytes(64))) {
      write_thread(*writer, false);
    } else if (!next_segment(*writer)) {
      return nullptr;
    }
  } else if (!next_segment(*writer)) {
    return nullptr;
  }
  t_state.writer = writer;
  take_over_scopes(*writer);
  if (recycled || writers_.count() > 1) {
    g_gate.share();
  } else {
    g_gate.claim(writer->order.alone);
  }
  return writer;
}

bool Recorder::next_segment(ThreadWriter& writer) noexcept {
  // After the stop nothing is recorded, even if there is space again: what is
  // counted from then on would be counted twice.
  if (!is_recording()) return false;
  const std::uint32_t units = grown(writer.units);
  Segment next;
  TakeError error;
  if (!output_.take(units, next, error)) {
    stop(error);
    return false;
  }
  if (writer.units != 0) {
    output_.seal(writer.records.segment());
    ++writer.sequence;
  }
  writer.units = units;
  const std::uint64_t ticks =
      std::max(clock_.ticks(), writer.records.last_ticks());
  writer.records.begin(next, writer.order.number, writer.sequence, ticks,
                       read_clock_ns(CLOCK_MONOTONIC));
  writer.stacks.restart();
  writer.labels.clear();
  std::atomic_ref(output_.header()->writers)
      .store(writers_.count() + 1, std::memory_order_relaxed);
  write_thread(writer, false);
  write_resident(writer);
  if (packer_.is_due(output_.bytes()) && !packer_.start(output_.path(), pid_)) {
    count(Notice::PackerFailed);
  }
  return true;
}

void Recorder::count(Loss loss) noexcept {
  trace::FileHeader* header = output_.header();
  if (header != nullptr) {
    add_one(header->losses[static_cast<std::uint32_t>(loss)]);
  }
}

void Recorder::count(Notice notice) noexcept {
  trace::FileHeader* header = output_.header();
  if (header != nullptr) {
    add_one(header->notices[static_cast<std::uint32_t>(notice)]);
  }
}

void Recorder::on_nested(bool is_allocation, bool by_allocator) noexcept {
  if (t_state.activity() == Activity::Resolving) return;
  if (t_state.activity() == Activity::RealCall && by_allocator) {
    count(Notice::NestedCalls);
  } else {
    count(is_allocation ? Loss::ReentrantAlloc : Loss::ReentrantRelease);
  }
}

}  // namespace sagemem
