// SPDX-License-Identifier: Apache-2.0
#include "session/recorder.h"

#include <algorithm>

#include "build_config.h"
#include "capture/stack_check.h"

namespace sagemem {

using trace::Kind;
using trace::Loss;
using trace::Notice;

constinit thread_local ThreadState t_state{nullptr, Activity::Idle};
constinit Recorder g_recorder;

namespace {

constexpr std::uint32_t kMaxUnstamped = 31;
// About a microsecond: apart from this on, events are stamped one by one.
constexpr std::uint64_t kBusyTicks = 2500;

// Threads that allocate little keep a small segment, busy ones a large one.
std::uint32_t grown(std::uint32_t units) noexcept {
  return units == 0 ? 1 : std::min(units * 2, trace::kMaxSegmentUnits);
}

void add_one(std::uint64_t& counter) noexcept {
  // Relaxed: a count, read when all is over.
  std::atomic_ref(counter).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void Recorder::on_block(Kind kind, trace::Api api, std::uint64_t size,
                        std::uint64_t address, std::uint64_t alignment,
                        const CallPoint& point) noexcept {
  ThreadWriter* writer = t_state.writer;
  if (writer == nullptr) [[unlikely]] {
    writer = attach();
    if (writer == nullptr) return;
  }
  StackDelta stack = capture(*writer, point);
  if (!writer->records.has_room(RecordWriter::record_bytes(stack.push())))
      [[unlikely]] {
    if (!next_segment(*writer)) {
      count_unrecorded(true);
      return;
    }
    stack = writer->stacks.restart();
  }
  // After the capture: the real call has retired long before.
  const std::uint64_t ticks =
      needs_stamp(*writer) ? stamp(*writer, clock_.ticks_after_allocation())
                           : RecordWriter::kNoStamp;
  writer->records.write_block(kind, api, ticks, stack, size, address,
                              alignment);
  writer->stacks.accept();
  if (ticks >= writer->next_sample_ticks) [[unlikely]]
    sample(*writer, ticks);
}

void Recorder::on_release(Kind kind, trace::Api api,
                          std::uint64_t address) noexcept {
  ThreadWriter* writer = t_state.writer;
  if (writer == nullptr) [[unlikely]] {
    writer = attach();
    if (writer == nullptr) return;
  }
  if (!writer->records.has_room(RecordWriter::kMaxFixedBytes) &&
      !next_segment(*writer)) [[unlikely]] {
    count_unrecorded(false);
    return;
  }
  const std::uint64_t ticks =
      needs_stamp(*writer) ? stamp(*writer, clock_.ticks_before_release())
                           : RecordWriter::kNoStamp;
  writer->records.write_release(kind, api, ticks, address);
  if (ticks >= writer->next_sample_ticks) [[unlikely]]
    sample(*writer, ticks);
}

// With more than one thread every event is stamped.  While there is one, its
// records are in order as they stand, and a stamp only says when.  Then, as
// long as events come in quick succession, every 32nd is stamped, and one
// before which the coarse clock has moved.  Where they come more slowly than
// one a microsecond or so, each has its stamp.  So no event is further off than
// the 31 before it lasted, or one step of the coarse clock (4 ms), whichever is
// less.
//
// Why the change to many threads is safe: a thread sets many_threads_ before
// its first event.  Whoever gets a block that it has released has seen that
// store, too, since the block's way through the allocator orders them, and
// stamps.  An unstamped record made shortly before counts with the time of the
// last stamp, which lies before anything that the new thread does.
bool Recorder::needs_stamp(ThreadWriter& writer) noexcept {
  if (many_threads_.load(std::memory_order_relaxed)) return true;
  if (!writer.is_busy) return true;
  if (writer.unstamped < kMaxUnstamped &&
      Clock::coarse_ns() == writer.stamped_ns &&
      modules_.generation() == writer.generation) [[likely]] {
    ++writer.unstamped;
    return false;
  }
  return true;
}

// The stamp for a record that needs one: `ticks`, or later if the clock went
// back.
std::uint64_t Recorder::stamp(ThreadWriter& writer,
                              std::uint64_t ticks) noexcept {
  const std::uint64_t last = writer.records.last_ticks();
  if (ticks < last) [[unlikely]] {
    count(Notice::ClockStepBack);
    ticks = last;
  }
  if (many_threads_.load(std::memory_order_relaxed)) return ticks;
  writer.is_busy = ticks - last < kBusyTicks * (writer.unstamped + 1);
  writer.stamped_ns = Clock::coarse_ns();
  writer.unstamped = 0;
  // What was announced has a stamp; the stacks that need it come after.
  writer.generation = modules_.generation();
  return ticks;
}

StackDelta Recorder::capture(ThreadWriter& writer,
                             const CallPoint& point) noexcept {
  StackDelta stack{};
  const CaptureResult result = writer.stacks.capture(point, modules_, stack);
  if (result != CaptureResult::Verified) [[unlikely]] {
    count_inexact(result);
  }
  if constexpr (kCheckUnwind) {
    if (result == CaptureResult::Verified && !is_as_libunwind(point, stack)) {
      count(Notice::UnwindMismatch);
    }
  }
  return stack;
}

void Recorder::count_inexact(CaptureResult result) noexcept {
  switch (result) {
    case CaptureResult::Verified:
      break;
    case CaptureResult::Walked:
      count(Notice::StackByLibunwind);
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
  if (recycled || writers_.count() > 1) {
    many_threads_.store(true, std::memory_order_relaxed);
  }
  if (recycled) {
    count(Notice::WriterRecycled);
    writer->name[0] = '\0';
    if (writer->records.has_room(RecordWriter::control_bytes(64))) {
      write_thread(*writer, false);
    } else if (!next_segment(*writer)) {
      count(Loss::NoWriter);
      return nullptr;
    }
  } else if (!next_segment(*writer)) {
    count(Loss::NoWriter);
    return nullptr;
  }
  t_state.writer = writer;
  return writer;
}

bool Recorder::next_segment(ThreadWriter& writer) noexcept {
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
      std::max(clock_.ticks_before_release(), writer.records.last_ticks());
  writer.records.begin(next, writer.number, writer.sequence, ticks,
                       read_clock_ns(CLOCK_MONOTONIC));
  writer.stacks.restart();
  std::atomic_ref(output_.header()->writers)
      .store(writers_.count() + 1, std::memory_order_relaxed);
  write_thread(writer, false);
  write_resident(writer);
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

// After stop(): in the thread's own segment, so that a thousand threads do not
// fight for one counter for the rest of the run.
void Recorder::count_unrecorded(bool is_allocation) noexcept {
  ThreadWriter* writer = t_state.writer;
  if (writer == nullptr) {
    count(is_allocation ? Loss::StoppedAlloc : Loss::StoppedRelease);
    return;
  }
  trace::SegmentHeader* header = writer->records.segment().header;
  std::uint64_t& counter =
      is_allocation ? header->lost_allocs : header->lost_releases;
  // Only the owner writes it.
  std::atomic_ref(counter).store(counter + 1, std::memory_order_relaxed);
}

void Recorder::on_nested(bool is_allocation, bool by_allocator) noexcept {
  if (t_state.activity == Activity::Resolving) return;
  if (t_state.activity == Activity::RealCall && by_allocator) {
    count(Notice::NestedCalls);
  } else {
    count(is_allocation ? Loss::ReentrantAlloc : Loss::ReentrantRelease);
  }
}

}  // namespace sagemem
