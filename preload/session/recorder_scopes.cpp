// SPDX-License-Identifier: Apache-2.0
//
// Scopes, labels and notes: events without a call stack, on the way of all
// others.  A probed function may be one that is called a hundred million times:
// the usual case writes five bytes and touches this thread's memory alone.
//
// Compiled without vector registers: see scope/keep_vectors.h.
#include <cstring>

#include "platform/errno_keeper.h"
#include "scope/keep_vectors.h"
#include "session/recorder.h"

namespace sagemem {

using trace::Kind;
using trace::Notice;

namespace {

constexpr ScopeValues kNoValues{};

ScopeValues one_value(std::int64_t value) noexcept {
  ScopeValues values;
  values.count = 1;
  values.values[0] = value;
  return values;
}

}  // namespace

// Calls write(writer) with the thread marked as being at work.
template <typename Write>
[[gnu::always_inline]] inline void Recorder::record_scope(
    Write write) noexcept {
  const std::int64_t pass = t_state.pass;
  if (pass < 0 || !g_gate.is_open_to(static_cast<std::uint64_t>(pass)))
      [[unlikely]] {
    ThreadWriter* writer = find_writer();
    if (writer == nullptr) return;
    const ActivityScope scope(Activity::Recording);
    write(*writer);
    return;
  }
  // As the hooks do it: see go_inside().
  ThreadWriter& writer = *t_state.writer;
  t_state.pass = kInside;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  write(writer);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  t_state.pass = writer.short_pass;
}

// The thread is new to the epoch, or recording is not started, stopped, in a
// fork child, or inside a hook. nullptr: nothing is to be recorded.
ThreadWriter* Recorder::find_writer() noexcept {
  if (!t_state.is_idle()) {
    if (is_recording()) count(Notice::ScopesMissed);
    return nullptr;
  }
  if (t_state.writer != nullptr && is_recording()) return t_state.writer;
  ThreadWriter* writer = nullptr;
  keep_vectors([&]() noexcept {
    ErrnoKeeper keeper;
    if (!is_recording() && (starting_ || !wake(true))) return;
    const ActivityScope scope(Activity::Recording);
    writer = t_state.writer != nullptr ? t_state.writer : attach();
  });
  return writer;
}

[[gnu::always_inline]] inline void Recorder::write_scope(
    ThreadWriter& writer, Kind kind, Tag tag, std::uint32_t rule,
    const ScopeValues& values) noexcept {
  // The gate was looked at by record_scope(); here once more, because that is
  // less than to remember what it said.  While several threads record, begins
  // and ends are stamped: what others had live meanwhile is told by the time.
  const bool is_edge = kind == Kind::ScopeBegin || kind == Kind::ScopeEnd;
  if (g_gate.is_open_to(is_edge ? writer.order.alone : writer.order.current) &&
      writer.records.can_write_scope_again(values)) [[likely]] {
    return writer.records.write_scope_again(kind, tag.flag, rule, values);
  }
  write_scope_generally(writer, kind, tag, rule, values);
}

void Recorder::write_scope_generally(ThreadWriter& writer, Kind kind, Tag tag,
                                     std::uint32_t rule,
                                     const ScopeValues& values) noexcept {
  bool has_room = writer.records.has_room(RecordWriter::kMaxScopeBytes);
  if (!has_room) [[unlikely]] {
    keep_vectors([&]() noexcept { has_room = next_segment(writer); });
    if (!has_room) return;
  }
  const bool is_edge = kind == Kind::ScopeBegin || kind == Kind::ScopeEnd;
  const bool is_alone = g_gate.is_open_to(writer.order.alone);
  const std::uint64_t ticks =
      order(writer, EventOrder::kNoAddress, is_edge && !is_alone);
  writer.records.write_scope(kind, tag.flag, ticks, rule, values);
  // What other threads do from now on has stamps of after this one.
  if (tag.reaches_all && !g_gate.is_open_to(writer.order.alone)) g_gate.renew();
  if (ticks >= writer.next_sample_ticks) [[unlikely]]
    keep_vectors([&]() noexcept { sample(writer, ticks); });
}

// Without the counter of the processor, libc is called.
std::uint64_t Recorder::read_ticks() const noexcept {
  if (clock_.kind() == trace::ClockKind::TimeStampCounter) [[likely]]
    return clock_.ticks();
  std::uint64_t ticks = 0;
  keep_vectors([&]() noexcept { ticks = clock_.ticks(); });
  return ticks;
}

// ---------------------------------------------------------- begins and ends

[[gnu::always_inline]] inline void Recorder::begin_scope(
    ThreadWriter& writer, const OpenScope& scope,
    const ScopeValues& values) noexcept {
  if (writer.scopes.is_full()) [[unlikely]] {
    // Its end will not find it, and is not written either.
    return count(Notice::ScopesTooDeep);
  }
  writer.scopes.push(scope);
  write_scope(writer, Kind::ScopeBegin,
              {scope.is_process_wide ? trace::kIsProcessWide : std::uint8_t{0},
               scope.is_process_wide},
              scope.rule, values);
}

void Recorder::on_scope_begin(std::uint32_t rule, bool is_process_wide,
                              std::uint64_t frame,
                              const ScopeValues& values) noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    while (writer.scopes.is_suspect() && writer.scopes.is_below(frame)) {
      abandon_innermost(writer);
    }
    // One function begins it and another ends it: a begin without an end before
    // it is the next one.
    bool reaches_all = false;
    if (frame == OpenScopes::kNoFrame &&
        writer.scopes.close(rule, frame, reaches_all)) {
      write_scope(writer, Kind::ScopeEnd, {0, reaches_all}, rule, kNoValues);
    }
    const OpenScope scope{frame, values.count > 0 ? values.values[0] : 0, rule,
                          values.count > 0, is_process_wide};
    begin_scope(writer, scope, values);
  });
}

void Recorder::on_scope_end(std::uint32_t rule, std::uint64_t frame,
                            bool is_abandoned,
                            const ScopeValues& values) noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    bool reaches_all = false;
    const bool was_open = writer.scopes.close(rule, frame, reaches_all);
    // One that is bound to a frame and not known began before the recording, or
    // too deep.  One that is not may have begun in another thread.
    if (!was_open && frame != OpenScopes::kNoFrame) return;
    write_scope(
        writer, Kind::ScopeEnd,
        {is_abandoned ? trace::kIsAbandoned : std::uint8_t{0}, reaches_all},
        rule, values);
  });
}

void Recorder::abandon_innermost(ThreadWriter& writer) noexcept {
  const OpenScope scope = writer.scopes.innermost();
  writer.scopes.pop();
  write_scope(writer, Kind::ScopeEnd,
              {trace::kIsAbandoned, scope.is_process_wide}, scope.rule,
              kNoValues);
}

// The jump comes after this: where it leads to shows at the next event.  One
// that is due a stamp goes the general way, where that is looked at.
void Recorder::on_jump() noexcept {
  if (!is_recording() || !t_state.is_idle() || t_state.writer == nullptr) {
    return;
  }
  t_state.writer->scopes.suspect();
  t_state.writer->records.demand_stamps();
}

// A writer that was another thread's forgets its scopes; the one thread that a
// fork child begins with goes on in those of its parent.
void Recorder::take_over_scopes(ThreadWriter& writer) noexcept {
  writer.scopes.clear();
  writer.labels.clear();
  for (std::uint32_t i = 0; i < inherited_scopes_.count(); ++i) {
    const OpenScope& scope = inherited_scopes_[i];
    begin_scope(writer, scope,
                scope.has_number ? one_value(scope.number) : kNoValues);
  }
  inherited_scopes_.clear();
}

void Recorder::on_label(std::uint32_t rule, std::int64_t value) noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    if (writer.labels.is_last(rule, value)) return;
    write_scope(writer, Kind::Label, {}, rule, one_value(value));
    // Not before: the segment may be a new one by now.
    writer.labels.set(rule, value);
  });
}

void Recorder::on_note(std::uint32_t rule, std::int64_t value) noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    write_scope(writer, Kind::Note, {}, rule, one_value(value));
  });
}

// ------------------------------------------------------------------- markers

bool Recorder::find_marker(trace::RuleUse use, const char* name,
                           std::uint32_t& rule) noexcept {
  if (name == nullptr) return false;
  bool is_new = false;
  if (!marker_names_.find(use, name, rule, is_new)) {
    count(Notice::ScopesMissed);
    return false;
  }
  if (is_new) announce_marker(rule - MarkerNames::kFirstRule);
  return true;
}

void Recorder::announce_marker(std::uint32_t index) noexcept {
  static constexpr CaptureName kNumber{trace::kScopeNumber, false};
  static constexpr CaptureName kValue{"value", false};
  const trace::RuleUse use = marker_names_.use(index);
  const std::uint32_t rule = MarkerNames::kFirstRule + index;
  log_.rule({rule, use, 0, marker_names_.name(index),
             use == trace::RuleUse::Scope ? &kNumber : &kValue, 1});
  log_.probe({rule, trace::kProbeBegins | trace::kProbeEnds,
              trace::ProbeMethod::Marker, trace::ProbeReason::None, 0, 0, ""});
}

void Recorder::on_marker_begin(const char* name, std::int64_t number) noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    std::uint32_t rule = 0;
    if (!find_marker(trace::RuleUse::Scope, name, rule)) return;
    begin_scope(writer, {OpenScopes::kNoFrame, number, rule, true, false},
                one_value(number));
  });
}

void Recorder::on_marker_end() noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    std::uint32_t rule = 0;
    if (!writer.scopes.find_unbound(MarkerNames::kFirstRule, rule)) return;
    bool reaches_all = false;
    writer.scopes.close(rule, OpenScopes::kNoFrame, reaches_all);
    write_scope(writer, Kind::ScopeEnd, {0, reaches_all}, rule, kNoValues);
  });
}

void Recorder::on_marker_note(const char* key, std::int64_t value) noexcept {
  record_scope([&](ThreadWriter& writer) noexcept {
    std::uint32_t rule = 0;
    if (!find_marker(trace::RuleUse::Note, key, rule)) return;
    write_scope(writer, Kind::Note, {}, rule, one_value(value));
  });
}

void Recorder::on_snapshot(const char* label) noexcept {
  if (label == nullptr) label = "";
  record_scope([&](ThreadWriter& writer) noexcept {
    const std::size_t bytes = strnlen(label, MarkerNames::kMaxBytes);
    if (!writer.records.has_room(RecordWriter::control_bytes(bytes)) &&
        !next_segment(writer)) {
      return;
    }
    write_resident(writer);
    if (!writer.records.has_room(RecordWriter::control_bytes(bytes))) return;
    writer.records.write_control(trace::Control::Snapshot,
                                 stamp(writer, clock_.ticks()), label, bytes);
    if (!g_gate.is_open_to(writer.order.alone)) g_gate.renew();
  });
}

void Recorder::announce(const RuleText& rule) noexcept {
  if (is_recording()) log_.rule(rule);
}

void Recorder::announce_info(const char* key, const char* value) noexcept {
  if (is_recording()) log_.info(key, value, std::strlen(value));
}

void Recorder::announce(const ProbeText& probe) noexcept {
  if (is_recording()) log_.probe(probe);
}

void Recorder::on_unseen_functions(std::uint64_t count) noexcept {
  trace::FileHeader* header = output_.header();
  if (header == nullptr) return;
  constexpr auto kWhich =
      static_cast<std::uint32_t>(trace::Notice::ProbesRefused);
  std::atomic_ref(header->notices[kWhich])
      .store(count, std::memory_order_relaxed);
}

}  // namespace sagemem
