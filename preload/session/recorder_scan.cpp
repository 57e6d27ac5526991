// SPDX-License-Identifier: Apache-2.0
//
// The leak scan at the end of the process: see include/sagemem/trace/scan.h.
//
//   1  what the program's own frame was       asks the loader
//   2  no other thread makes a segment        the output's lock is ours
//   3  the others stand still                 from here on the kernel alone
//   4  threads, then all words, as records of this thread's writer
//   5  the gate is renewed, the trace closed
//   6  the others go on
//
// No signal handler of the program runs in this thread meanwhile: what it waits
// for might be held by a thread that stands still.
//
// Who stands still cannot hold the output's lock, because we do; and there is
// no other lock that is needed in between.
#include <algorithm>

#include "platform/careful_read.h"
#include "platform/signal_blocker.h"
#include "sagemem/trace/scan.h"
#include "sagemem/trace/wire.h"
#include "scan/heap_targets.h"
#include "scan/memory_map.h"
#include "scan/outer_frame.h"
#include "scan/thread_stopper.h"
#include "scan/word_scan.h"
#include "session/recorder.h"

// Where this library begins and ends, from the linker.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" const char __ehdr_start __attribute__((visibility("hidden")));
extern "C" const char _end __attribute__((visibility("hidden")));
// NOLINTEND(readability-identifier-naming)

namespace sagemem {

using trace::ScanOutcome;
using trace::ThreadStop;

namespace {

// Others may stand still for so long at the most, and are waited for so long:
// a busy machine may leave one without a turn for seconds.
constexpr std::int64_t kScanTime_ns = 60'000'000'000;
constexpr std::int64_t kStopTime_ns = 10'000'000'000;

}  // namespace

// All that one scan needs, for as long as it takes.
class RecorderScan {
 public:
  RecorderScan(Recorder& recorder, ThreadWriter& writer) noexcept
      : recorder_(recorder), writer_(writer) {}

  void run() noexcept;

 private:
  ScanOutcome prepare() noexcept;
  ScanOutcome scan(const OuterFrame& own) noexcept;
  bool write_threads(const OuterFrame& own) noexcept;
  bool write_thread(std::int32_t tid, ThreadStop stop, std::uint64_t sp,
                    std::uint64_t tp, const std::uint64_t* registers,
                    std::size_t count) noexcept;
  bool write(trace::Control type, const void* payload,
             std::size_t bytes) noexcept;
  bool exclude_own() noexcept;
  void write_end(ScanOutcome outcome) noexcept;

  Recorder& recorder_;
  ThreadWriter& writer_;
  MemoryMap map_;
  HeapTargets targets_;
  OwnMemory own_;
  ThreadStopper stopper_;
  WordScan* words_ = nullptr;
  std::int64_t start_ns_ = 0;
  std::uint64_t records_ = 0;
};

bool RecorderScan::write(trace::Control type, const void* payload,
                         std::size_t bytes) noexcept {
  if (!writer_.records.has_room(RecordWriter::control_bytes(bytes)) &&
      !recorder_.next_scan_segment(writer_)) {
    return false;
  }
  writer_.records.write_control(
      type, recorder_.stamp(writer_, recorder_.clock_.ticks()), payload, bytes);
  ++records_;
  return true;
}

bool RecorderScan::write_thread(std::int32_t tid, ThreadStop stop,
                                std::uint64_t sp, std::uint64_t tp,
                                const std::uint64_t* registers,
                                std::size_t count) noexcept {
  std::uint8_t
      payload[(4 + StoppedThread::kRegisters) * trace::kMaxVarintBytes];
  std::uint8_t* out =
      trace::put_varint(payload, static_cast<std::uint32_t>(tid));
  out = trace::put_varint(out, static_cast<std::uint8_t>(stop));
  out = trace::put_varint(out, sp);
  out = trace::put_varint(out, tp);
  for (std::size_t i = 0; i < count; ++i) {
    if (targets_.contains(registers[i])) {
      out = trace::put_varint(out, registers[i]);
    }
  }
  return write(trace::Control::ScanThread, payload,
               static_cast<std::size_t>(out - payload));
}

bool RecorderScan::write_threads(const OuterFrame& own) noexcept {
  const auto tid = static_cast<std::int32_t>(system_call(SYS_gettid));
  if (!write_thread(tid, ThreadStop::Own, own.stack_pointer,
                    ThreadStopper::own_thread_pointer(), own.registers,
                    OuterFrame::kRegisters)) {
    return false;
  }
  for (const StoppedThread& thread : stopper_) {
    const bool is_stopped = thread.how == ThreadStop::Stopped;
    if (!write_thread(thread.tid, thread.how, thread.stack_pointer,
                      thread.thread_pointer, thread.registers,
                      is_stopped ? StoppedThread::kRegisters : 0)) {
      return false;
    }
  }
  return true;
}

bool RecorderScan::exclude_own() noexcept {
  if (!own_.reserve(recorder_.writers_.count() + std::size_t{16})) return false;
  const AddressRange program{recorder_.program_start_, recorder_.program_end_};
  const auto start = reinterpret_cast<std::uint64_t>(&__ehdr_start);
  const auto finish = reinterpret_cast<std::uint64_t>(&_end);
  own_.add(start, program.start == 0 ? finish : program.start);
  if (program.start != 0) own_.add(program.end, finish);
  own_.add(map_.own_start(), map_.own_end());
  own_.add(stopper_.own_start(), stopper_.own_end());
  own_.add(own_.itself().start, own_.itself().end);
  const auto words = reinterpret_cast<std::uint64_t>(words_);
  own_.add(words, words + sizeof(WordScan));
  recorder_.modules_.each_own_range(
      [this](std::uint64_t from, std::uint64_t to) noexcept {
        own_.add(from, to);
      });
  recorder_.writers_.each([this](const ThreadWriter& writer) noexcept {
    const auto from = reinterpret_cast<std::uint64_t>(&writer);
    own_.add(from, from + sizeof writer);
  });
  own_.set_file(recorder_.output_.device(), recorder_.output_.inode());
  own_.sort();
  return true;
}

ScanOutcome RecorderScan::prepare() noexcept {
  words_ = WordScan::create();
  if (words_ == nullptr) return ScanOutcome::NoMemory;
  if (!stopper_.stop(start_ns_ + kStopTime_ns)) return ScanOutcome::NoMap;
  if (!map_.read()) return ScanOutcome::NoMap;
  if (!targets_.collect(map_) || !exclude_own()) return ScanOutcome::NoMemory;
  return ScanOutcome::Complete;
}

ScanOutcome RecorderScan::scan(const OuterFrame& own) noexcept {
  const ScanOutcome prepared = prepare();
  if (prepared != ScanOutcome::Complete) return prepared;
  // What is gone by the time that it is copied ends the program.
  if (stopper_.missed() != 0 && !is_copied_by_kernel()) {
    return ScanOutcome::ThreadsMissed;
  }
  if (!write_threads(own)) return ScanOutcome::TooLarge;
  const PayloadSink sink{
      this, [](void* scan, const WordWriter& payload) noexcept {
        return static_cast<RecorderScan*>(scan)->write(
            trace::Control::ScanWords, payload.data(), payload.size());
      }};
  switch (words_->run(map_, targets_, own_, start_ns_ + kScanTime_ns, sink)) {
    case ScanEnd::TooLong:
      return ScanOutcome::TooLong;
    case ScanEnd::Refused:
      return ScanOutcome::TooLarge;
    case ScanEnd::Unread:
      return ScanOutcome::Unread;
    case ScanEnd::Complete:
      break;
  }
  return stopper_.missed() == 0 ? ScanOutcome::Complete
                                : ScanOutcome::ThreadsMissed;
}

void RecorderScan::run() noexcept {
  const SignalBlocker blocker;
  start_ns_ = read_clock_ns(CLOCK_MONOTONIC);
  const OuterFrame own = find_outer_frame();
  {
    SpinGuard guard(recorder_.output_.lock());
    write_end(scan(own));
  }
  // What others record from now on has a stamp of its own, of after the scan:
  // by its last one it would seem to be a block that the scan has seen.
  g_gate.renew();
  // A spool is copied, which may take long: they would run on for as long, in
  // a process that is as good as gone.
  recorder_.output_.close();
  stopper_.release();
  WordScan::destroy(words_);
}

void RecorderScan::write_end(ScanOutcome outcome) noexcept {
  const WordScan::Totals totals =
      words_ == nullptr ? WordScan::Totals{} : words_->totals();
  std::uint8_t payload[8 * trace::kMaxVarintBytes];
  std::uint8_t* out =
      trace::put_varint(payload, static_cast<std::uint8_t>(outcome));
  out = trace::put_varint(out, records_);
  out = trace::put_varint(out, totals.words);
  out = trace::put_varint(out, totals.bytes);
  out = trace::put_varint(out, totals.unread_bytes);
  out = trace::put_varint(out, static_cast<std::uint64_t>(
                                   read_clock_ns(CLOCK_MONOTONIC) - start_ns_));
  out = trace::put_varint(out, stopper_.count() + 1);
  out = trace::put_varint(out, stopper_.missed());
  write(trace::Control::ScanEnd, payload,
        static_cast<std::size_t>(out - payload));
}

// Closes the trace as well.  False: nothing was done.
bool Recorder::scan_memory() noexcept {
  // Two threads may end the process, each in its own way.
  if (has_scanned_.exchange(true)) return false;
  ThreadWriter* const writer =
      t_state.writer != nullptr ? t_state.writer : attach();
  if (writer == nullptr) return false;
  RecorderScan(*this, *writer).run();
  return true;
}

// As next_segment(), while the output's lock is held and nothing may be called
// but the kernel.
bool Recorder::next_scan_segment(ThreadWriter& writer) noexcept {
  Segment next;
  TakeError error;
  if (!output_.take_locked(trace::kMaxSegmentUnits, next, error)) return false;
  output_.seal(writer.records.segment());
  ++writer.sequence;
  writer.units = trace::kMaxSegmentUnits;
  const std::uint64_t ticks =
      std::max(clock_.ticks(), writer.records.last_ticks());
  writer.records.begin(next, writer.order.number, writer.sequence, ticks,
                       read_clock_ns(CLOCK_MONOTONIC));
  writer.stacks.restart();
  writer.labels.clear();
  write_thread(writer, false);
  return true;
}

}  // namespace sagemem
