// SPDX-License-Identifier: Apache-2.0
//
// What a writer notes beside events: whose it is, and the resident set.
#include <linux/prctl.h>

#include <algorithm>
#include <cstring>

#include "sagemem/trace/wire.h"
#include "session/recorder.h"

namespace sagemem {

namespace {

constexpr std::int64_t kSampleInterval_ns = 10'000'000;
// Until the length of a tick is known: some 10 ms on today's machines.
constexpr std::uint64_t kFirstInterval_ticks = 25'000'000;

// Between two looks for other threads, some 50 microseconds, and the sixteenth
// part more for each thread.
constexpr std::uint64_t kLookEvery_ticks = 125'000;

}  // namespace

// Some 100 times a second and process: a few microseconds each time.
void Recorder::sample(ThreadWriter& writer, std::uint64_t ticks) noexcept {
  std::uint64_t interval =
      sample_interval_ticks_.load(std::memory_order_relaxed);
  if (interval == 0) interval = kFirstInterval_ticks;
  std::uint64_t last = last_sample_ticks_.load(std::memory_order_relaxed);
  writer.next_sample_ticks = std::max(last, ticks) + interval;
  // Another thread may have done it in the meantime, or be doing it now.
  if (last + interval > ticks || !last_sample_ticks_.compare_exchange_strong(
                                     last, ticks, std::memory_order_relaxed)) {
    return;
  }
  const trace::FileHeader& header = *output_.header();
  const std::int64_t elapsed_ns =
      read_clock_ns(CLOCK_MONOTONIC) - header.start_monotonic_ns;
  if (elapsed_ns > kSampleInterval_ns / 10 && ticks > header.start_ticks) {
    const double ticks_per_ns =
        static_cast<double>(ticks - header.start_ticks) /
        static_cast<double>(elapsed_ns);
    sample_interval_ticks_.store(
        static_cast<std::uint64_t>(ticks_per_ns * kSampleInterval_ns),
        std::memory_order_relaxed);
  }
  write_resident(writer);
  write_thread(writer, true);
  revalidate(ModuleTable::Thoroughness::Ranges);
  if (modules_.is_full()) count(trace::Notice::ModuleTableFull);
}

// When modules have gone, no thread may go on to compare its stack with one
// that led through them: the short ways do not look at the table.
void Recorder::revalidate(ModuleTable::Thoroughness how) noexcept {
  const std::uint32_t before = modules_.generation();
  modules_.revalidate(how);
  if (modules_.generation() != before) g_gate.renew();
}

// A program that had several threads, of which one alone still allocates, is
// again as cheap as one with a single thread.
void Recorder::look_for_others(ThreadWriter& writer,
                               std::uint64_t ticks) noexcept {
  if (ticks < writer.next_look_ticks) return;
  writer.next_look_ticks =
      ticks + kLookEvery_ticks + kLookEvery_ticks / 16 * writers_.count();
  if (!writers_.were_others_quiet(writer)) return;
  // Modules may have gone since its last capture.
  writer.stacks.forget_last();
  // What it records alone has stamps of after the claim: see event_order.h.
  writer.quick_stamps = 0;
  writer.records.demand_stamps();
  g_gate.claim(writer.order.alone);
}

// A name is usually set after the thread's first allocation, by the thread
// itself or by its creator; so it is looked at again with every sample.
void Recorder::write_thread(ThreadWriter& writer,
                            bool only_if_renamed) noexcept {
  char name[16] = {};
  system_call(SYS_prctl, PR_GET_NAME, name, 0, 0, 0);
  name[sizeof name - 1] = '\0';
  if (only_if_renamed && std::strcmp(name, writer.name) == 0) return;
  std::uint8_t payload[trace::kMaxVarintBytes + sizeof name];
  std::uint8_t* out =
      trace::put_varint(payload, static_cast<std::uint32_t>(writer.owner_tid));
  const std::size_t length = std::strlen(name);
  std::memcpy(out, name, length);
  const auto bytes = static_cast<std::size_t>(out - payload) + length;
  if (!writer.records.has_room(RecordWriter::control_bytes(bytes))) return;
  std::memcpy(writer.name, name, sizeof name);
  writer.records.write_control(trace::Control::Thread,
                               stamp(writer, clock_.ticks()), payload, bytes);
}

void Recorder::write_resident(ThreadWriter& writer) noexcept {
  const Resident resident = read_resident();
  std::uint8_t payload[2 * trace::kMaxVarintBytes];
  std::uint8_t* out = trace::put_varint(payload, resident.bytes);
  out = trace::put_varint(out, resident.shared_bytes);
  const auto bytes = static_cast<std::size_t>(out - payload);
  if (!writer.records.has_room(RecordWriter::control_bytes(bytes))) return;
  writer.records.write_control(trace::Control::Resident,
                               stamp(writer, clock_.ticks()), payload, bytes);
  std::atomic_ref(output_.header()->peak_resident_bytes)
      .store(read_peak_resident(), std::memory_order_relaxed);
}

void Recorder::on_thread_renamed() noexcept {
  if (is_recording() && t_state.writer != nullptr) {
    write_thread(*t_state.writer, true);
  }
}

}  // namespace sagemem
