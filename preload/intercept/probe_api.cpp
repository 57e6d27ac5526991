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
  const Probe* probe;
  const ProbeFrame* frame;
  bool at_exit;
  bool is_abandoned;
};

std::uint32_t number_of(const Rule& rule) noexcept {
  return static_cast<std::uint32_t>(&rule - &g_probes.rule(0));
}

ScopeValues read_values(const Rule& rule, const Occasion& now,
                        bool at_end) noexcept {
  ScopeValues values;
  for (unsigned i = 0; i < rule.capture_count; ++i) {
    const Source& source = rule.captures[i].source;
    if (source.at_end != at_end) continue;
    values.values[values.count++] =
        now.is_abandoned && source.kind == SourceKind::Return
            ? trace::kUnknownValue
            : read_value(source, g_probes.entry(number_of(rule)).places[i],
                         *now.frame, now.probe->has_own_arguments);
  }
  return values;
}

std::int64_t read_single(const Rule& rule, const Occasion& now) noexcept {
  return read_value(rule.captures[0].source,
                    g_probes.entry(number_of(rule)).places[0], *now.frame,
                    now.probe->has_own_arguments);
}

// A scope of one function is bound to its call; another begins and ends with
// different ones.
std::uint64_t frame_of(const Rule& rule, const Occasion& now) noexcept {
  return rule.is_pair ? OpenScopes::kNoFrame : now.frame->cfa();
}

void act(const Action& action, const Occasion& now) noexcept {
  if (action.kind == ActionKind::Loader) {
    return keep_vectors([]() noexcept { g_on_loader(); });
  }
  const Rule& rule = g_probes.rule(action.rule);
  switch (action.kind) {
    case ActionKind::Begin:
      return g_recorder.on_scope_begin(action.rule, rule.is_process_wide,
                                       frame_of(rule, now),
                                       read_values(rule, now, false));
    case ActionKind::End:
      return g_recorder.on_scope_end(action.rule, frame_of(rule, now),
                                     now.is_abandoned,
                                     read_values(rule, now, true));
    case ActionKind::Label:
      return g_recorder.on_label(action.rule, read_single(rule, now));
    default:
      if (now.is_abandoned) return;
      return g_recorder.on_note(action.rule, read_single(rule, now));
  }
}

void act_on(const Occasion& now) noexcept {
  const Probe& probe = *now.probe;
  for (unsigned i = 0; i < probe.action_count; ++i) {
    if (probe.actions[i].at_exit == now.at_exit) act(probe.actions[i], now);
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
using sagemem::Occasion;
using sagemem::ProbeFrame;

void sagemem_on_probe_entry(ProbeFrame* frame) noexcept {
  const sagemem::Probe& probe = g_probes.probe(frame->probe);
  frame->target = probe.moved;
  if (probe.stack_words != 0) {
    frame->words = sagemem::words_to_copy(probe, *frame);
  }
  sagemem::act_on({&probe, frame, false, false});
}

void sagemem_on_probe_exit(ProbeFrame* frame) noexcept {
  const sagemem::Probe& probe = g_probes.probe(frame->probe);
  sagemem::act_on({&probe, frame, true, false});
}

// An exception, or the end of the thread, unwinds the frame of a stub (Itanium
// C++ ABI: Exception Handling, 1.6.2).
void sagemem_on_probe_unwound(ProbeFrame* frame) noexcept {
  const sagemem::Probe& probe = g_probes.probe(frame->probe);
  sagemem::act_on({&probe, frame, true, true});
}
}
