// SPDX-License-Identifier: Apache-2.0
//
// What the stubs call at the entry of a probed function and when it has
// returned.
//
// Compiled without vector registers: see scope/keep_vectors.h.
#include "intercept/probe_api.h"

#include "platform/careful_read.h"
#include "scope/keep_vectors.h"
#include "scope/value_reader.h"
#include "session/recorder.h"

namespace sagemem {

constinit ProbeTable g_probes;
using LoaderListener = void (*)() noexcept;
constinit LoaderListener g_on_loader = nullptr;

namespace {

struct Occasion {
  const Probe& probe;
  const ProbeFrame& frame;
  bool is_abandoned;
};

[[gnu::always_inline]] inline void read_values(const Readings& readings,
                                               const Occasion& now,
                                               ScopeValues& out) noexcept {
  out.count = readings.count;
  for (std::uint32_t i = 0; i < readings.count; ++i) {
    const Source& source = readings.sources[i];
    out.values[i] = now.is_abandoned && source.kind == SourceKind::Return
                        ? trace::kUnknownValue
                        : read_value(source, readings.places[i], now.frame,
                                     now.probe.has_own_arguments);
  }
}

// Of a label or a note.
std::int64_t read_single(const RuleEntry& entry, const Occasion& now) noexcept {
  const Readings& readings =
      entry.at_end.count != 0 ? entry.at_end : entry.at_begin;
  return read_value(readings.sources[0], readings.places[0], now.frame,
                    now.probe.has_own_arguments);
}

// A scope of one function is bound to its call; another begins and ends with
// different ones.
std::uint64_t frame_of(const RuleEntry& entry, const Occasion& now) noexcept {
  return entry.is_pair ? OpenScopes::kNoFrame : now.frame.cfa();
}

// Called where the program allocates: as a rule there is no news.
[[gnu::always_inline]] inline void look_for_news(const Action& action,
                                                 const Occasion& now) noexcept {
  const RuleEntry& entry = *action.entry;
  if (!entry.watch.is_due(entry.at_begin)) [[likely]]
    return;
  ScopeValues values;
  read_values(entry.at_begin, now, values);
  switch (entry.watch.look_at(entry.at_begin, values)) {
    case ValueWatch::News::Begin:
      return g_recorder.on_scope_begin(action.rule, entry.is_process_wide,
                                       OpenScopes::kNoFrame, values);
    case ValueWatch::News::End:
      values.count = 0;
      return g_recorder.on_scope_end(action.rule, OpenScopes::kNoFrame, false,
                                     values);
    case ValueWatch::News::None:
      return;
  }
}

[[gnu::always_inline]] inline void act(const Action& action,
                                       const Occasion& now) noexcept {
  if (action.kind == ActionKind::Loader) [[unlikely]] {
    return keep_vectors([]() noexcept { g_on_loader(); });
  }
  if (action.kind == ActionKind::Each) return look_for_news(action, now);
  const RuleEntry& entry = *action.entry;
  ScopeValues values;
  switch (action.kind) {
    case ActionKind::Begin:
      read_values(entry.at_begin, now, values);
      return g_recorder.on_scope_begin(action.rule, entry.is_process_wide,
                                       frame_of(entry, now), values);
    case ActionKind::End:
      read_values(entry.at_end, now, values);
      return g_recorder.on_scope_end(action.rule, frame_of(entry, now),
                                     now.is_abandoned, values);
    case ActionKind::Label:
      return g_recorder.on_label(action.rule, read_single(entry, now));
    default:
      if (now.is_abandoned) return;
      return g_recorder.on_note(action.rule, read_single(entry, now));
  }
}

// Words that may not be there are not copied: those behind the end of a stack.
std::uint64_t words_to_copy(const Probe& probe,
                            const ProbeFrame& frame) noexcept {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t words = probe.stack_words;
  if (!probe.is_guess) return words;
  const std::uint64_t in_page = kPage - frame.cfa() % kPage;
  if (words * 8 <= in_page) return words;
  bool is_there = false;
  keep_vectors([&]() noexcept {
    std::uint64_t word = 0;
    is_there = read_carefully(frame.cfa() + in_page, word);
  });
  return is_there ? words : in_page / 8;
}

}  // namespace

}  // namespace sagemem

extern "C" {

using sagemem::g_probes;
using sagemem::Probe;
using sagemem::ProbeFrame;

void sagemem_on_probe_entry(ProbeFrame* frame) noexcept {
  const Probe& probe = g_probes.probe(frame->probe);
  frame->target = probe.moved;
  if (probe.stack_words != 0) {
    frame->words = sagemem::words_to_copy(probe, *frame);
  }
  for (unsigned i = 0; i < probe.entry_count; ++i) {
    sagemem::act(probe.actions[i], {probe, *frame, false});
  }
}

void sagemem_on_probe_exit(ProbeFrame* frame) noexcept {
  const Probe& probe = g_probes.probe(frame->probe);
  for (unsigned i = probe.entry_count; i < probe.action_count; ++i) {
    sagemem::act(probe.actions[i], {probe, *frame, false});
  }
}

// An exception, or the end of the thread, unwinds the frame of a stub (Itanium
// C++ ABI: Exception Handling, 1.6.2).
void sagemem_on_probe_unwound(ProbeFrame* frame) noexcept {
  const Probe& probe = g_probes.probe(frame->probe);
  for (unsigned i = probe.entry_count; i < probe.action_count; ++i) {
    sagemem::act(probe.actions[i], {probe, *frame, true});
  }
}
}
