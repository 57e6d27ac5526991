// SPDX-License-Identifier: Apache-2.0
//
// The quick way of probes: what the stubs try before the handlers in
// probe_api.cpp.  For the thread that records alone, no stamp due, a scope that
// begins and ends in turn: the way that on_simple_alloc() is for malloc.
//
// Hazard: the stubs have saved five registers.  So nothing may be called from
// here, and this file is compiled so that r8 to r11 are kept as well, which
// link-time optimisation would not know of.  Other than 0 means that nothing
// was done.
#include "scope/keep_vectors.h"
#include "scope/quick_probe.h"
#include "session/recorder.h"

namespace sagemem {

namespace {

[[gnu::always_inline]] inline std::int64_t value_of(
    const QuickRecord& record, const ProbeFrame& frame) noexcept {
  std::int64_t value;
  __builtin_memcpy(&value,
                   reinterpret_cast<const char*>(&frame) + record.value_at,
                   sizeof value);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value)
                                   << record.shift) >>
         record.shift;
}

// Calls write(writer), which returns whether it did anything, with the thread
// marked as inside: see go_inside().  Only for the thread that records alone:
// else begins and ends are stamped, see Recorder::write_scope().
template <typename Write>
[[gnu::always_inline]] inline std::uint32_t try_to(Write write) noexcept {
  const std::int64_t pass = t_state.pass;
  if (!g_gate.is_open_to(static_cast<std::uint64_t>(pass)) ||
      Gate::is_shared_pass(pass)) [[unlikely]] {
    return 1;
  }
  ThreadWriter& writer = *t_state.writer;
  t_state.pass = kInside;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const bool is_done = write(writer);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  t_state.pass = pass;
  return is_done ? 0 : 1;
}

}  // namespace

constinit QuickProbe g_quick_probes[kMaxProbes] = {};

}  // namespace sagemem

extern "C" {

using sagemem::g_quick_probes;
using sagemem::ProbeFrame;
using sagemem::QuickProbe;
using sagemem::QuickRecord;
using sagemem::ThreadWriter;

std::uint32_t sagemem_quick_begin(ProbeFrame* frame) noexcept {
  const QuickProbe& probe = g_quick_probes[frame->probe];
  const QuickRecord& record = probe.entry;
  frame->target = probe.moved;
  if (record.head == 0) return 1;
  return sagemem::try_to([&](ThreadWriter& writer) noexcept {
    if (!writer.records.are_short_ways_open() || !writer.scopes.takes_quickly())
      return false;
    const std::int64_t value =
        record.has_value ? sagemem::value_of(record, *frame) : 0;
    writer.scopes.push({frame->cfa(), value, record.rule, record.has_value,
                        record.is_process_wide});
    writer.records.write_scope_quickly(record.head, record.has_value, value);
    return true;
  });
}

std::uint32_t sagemem_quick_end(ProbeFrame* frame) noexcept {
  const QuickRecord& record = g_quick_probes[frame->probe].exit;
  if (record.head == 0) return 1;
  return sagemem::try_to([&](ThreadWriter& writer) noexcept {
    if (!writer.records.are_short_ways_open() ||
        !writer.scopes.close_innermost(record.rule, frame->cfa())) {
      return false;
    }
    const std::int64_t value =
        record.has_value ? sagemem::value_of(record, *frame) : 0;
    writer.records.write_scope_quickly(record.head, record.has_value, value);
    return true;
  });
}

std::uint32_t sagemem_quick_label(ProbeFrame* frame) noexcept {
  const QuickRecord& record = g_quick_probes[frame->probe].entry;
  if (record.head == 0) return 1;
  return sagemem::try_to([&](ThreadWriter& writer) noexcept {
    const std::int64_t value = sagemem::value_of(record, *frame);
    if (writer.labels.is_last(record.rule, value)) return true;
    if (!writer.records.are_short_ways_open()) return false;
    writer.records.write_scope_quickly(record.head, true, value);
    writer.labels.set(record.rule, value);
    return true;
  });
}
}
