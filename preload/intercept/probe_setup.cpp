// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "intercept/hooks.h"
#include "intercept/probe_api.h"
#include "platform/raw_log.h"
#include "sagemem/trace/scope_facts.h"
#include "scope/breakpoints.h"
#include "scope/probe_frame.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace sagemem {

namespace {

using trace::ProbeMethod;
using trace::ProbeReason;

void choose_vector_way() noexcept {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kOsXsave = 1u << 27;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & kOsXsave) == 0) {
    return;
  }
  g_sagemem_vector_way = 1;
  if (__get_cpuid_count(0xd, 1, &eax, &ebx, &ecx, &edx) != 0 &&
      (eax & 2) != 0) {
    g_sagemem_vector_way = 2;
  }
#endif
}

const char* describe(ProbeReason reason) noexcept {
  switch (reason) {
    case ProbeReason::Traced:
      return "a debugger is attached";
    case ProbeReason::ProtectRefused:
      return "code pages may not be changed";
    case ProbeReason::NoNearMemory:
      return "there is no memory near the code";
    case ProbeReason::TooShort:
      return "it is too short for a jump";
    case ProbeReason::NotRelocatable:
      return "its first instructions can not be moved";
    case ProbeReason::JumpedInto:
      return "something jumps to its first instructions";
    case ProbeReason::StackArguments:
      return "it has an unknown number of arguments";
    case ProbeReason::TableFull:
      return "there are too many of them";
    default:
      return "SAGEMEM_PROBES or this architecture does not allow it";
  }
}

const Probe* first_with_breakpoint() noexcept {
  for (std::uint32_t i = 0; i < g_probes.probe_count(); ++i) {
    const Probe& probe = g_probes.probe(i);
    if (!probe.is_free && probe.method == ProbeMethod::Breakpoint) {
      return &probe;
    }
  }
  return nullptr;
}

// Slow, and changes what a signal of the program's means.
bool report_breakpoints(bool quiet) noexcept {
  const Probe* probe = first_with_breakpoint();
  if (probe == nullptr) return false;
  LogLine line;
  line.add("scopes: ").add(probe->symbol);
  line.add(
      " is seen by a breakpoint (int3), which takes microseconds a call, "
      "because ");
  line.add(describe(probe->reason));
  raw_log(quiet, line);
  return true;
}

// Else nothing would say why there are no scopes.
void report_strip(bool quiet) noexcept {
  if (!g_probes.lacks_symbols()) return;
  LogLine line;
  line.add(
      "scopes: the program has no symbol table, so only functions that it "
      "exports, or that come with a library, are found");
  raw_log(quiet, line);
}

void report_refusal(bool quiet) noexcept {
  const ProbeReason reason = g_probes.first_refusal();
  if (reason == ProbeReason::None) {
    if (!report_breakpoints(quiet)) report_strip(quiet);
    return;
  }
  LogLine line;
  line.add("scopes: ");
  if (concerns_all(reason)) {
    line.add("functions are");
  } else if (reason == ProbeReason::TableFull) {
    line.add("some functions are");
  } else {
    line.add(g_probes.first_refused()).add(" is");
  }
  const bool is_inferred = concerns_all(reason) ||
                           reason == ProbeReason::TableFull ||
                           g_probes.is_scope_refused();
  line.add(is_inferred ? " not probed but inferred from call stacks, because "
                       : " not probed, and its values are missing, because ");
  line.add(describe(reason));
  raw_log(quiet, line);
}

template <std::size_t kBytes>
const char* text_of(const Word& word, char (&out)[kBytes]) noexcept {
  const std::size_t bytes = std::min<std::size_t>(word.size, kBytes - 1);
  std::memcpy(out, word.data, bytes);
  out[bytes] = '\0';
  return out;
}

// No module has the rule's functions.  Which of them begin and end it is what
// the report needs to find its scopes in call stacks.
void announce_absence(std::uint32_t number, const Rule& rule) noexcept {
  const bool is_call =
      rule.use == trace::RuleUse::Scope && !rule.is_pair && !rule.is_each;
  const std::uint64_t first =
      trace::kProbeBegins | (is_call ? trace::kProbeEnds : 0);
  for (unsigned i = 0; i < rule.function_count; ++i) {
    const bool is_end = rule.is_pair && i > 0;
    char symbol[64];
    g_recorder.announce(ProbeText{number, is_end ? trace::kProbeEnds : first,
                                  ProbeMethod::None, ProbeReason::NoSymbol, 0,
                                  0, text_of(rule.functions[i], symbol)});
  }
}

void announce_rule(std::uint32_t number) noexcept {
  const Rule& rule = g_probes.rule(number);
  char name[64];
  char names[trace::kMaxScopeValues][64];
  CaptureName captures[trace::kMaxScopeValues];
  for (unsigned i = 0; i < rule.capture_count; ++i) {
    captures[i] = {text_of(rule.captures[i].name, names[i]),
                   rule.captures[i].source.at_end};
  }
  const std::uint64_t flags =
      (rule.is_process_wide ? trace::kRuleIsProcessWide : 0) |
      (rule.is_each ? trace::kRuleIsEach : 0) |
      (g_probes.is_built_in() ? trace::kRuleIsBuiltIn : 0);
  g_recorder.announce(RuleText{number, rule.use, flags,
                               text_of(rule.name, name), captures,
                               rule.capture_count});
  if (g_probes.entry(number).state == RuleState::Waiting) {
    announce_absence(number, rule);
  }
}

bool has_end(const Probe& probe, std::uint8_t rule) noexcept {
  for (unsigned i = 0; i < probe.action_count; ++i) {
    if (probe.actions[i].kind == ActionKind::End &&
        probe.actions[i].rule == rule) {
      return true;
    }
  }
  return false;
}

// A record for each rule: one that begins and ends with the same function has
// one for both.
void announce_probe(const Probe& probe) noexcept {
  for (unsigned i = 0; i < probe.action_count; ++i) {
    const Action& action = probe.actions[i];
    if (action.kind == ActionKind::Loader) continue;
    const bool is_single =
        !g_probes.entry(action.rule).is_pair && has_end(probe, action.rule);
    if (is_single && action.kind == ActionKind::End) continue;
    const std::uint64_t begins =
        action.kind == ActionKind::End ? 0 : trace::kProbeBegins;
    const std::uint64_t ends =
        is_single || action.kind == ActionKind::End ? trace::kProbeEnds : 0;
    g_recorder.announce(ProbeText{action.rule, begins | ends, probe.method,
                                  probe.reason, probe.address, probe.size,
                                  probe.symbol});
  }
}

// Of scope rules of one name, those that another one stands in for are no
// news.
bool is_news(std::uint32_t number) noexcept {
  return g_probes.entry(number).state != RuleState::Superseded;
}

}  // namespace

void announce_probes() noexcept {
  for (std::uint32_t i = 0; i < g_probes.rule_count(); ++i) {
    if (is_news(i)) announce_rule(i);
  }
  for (std::uint32_t i = 0; i < g_probes.probe_count(); ++i) {
    const Probe& probe = g_probes.probe(i);
    if (!probe.is_free) announce_probe(probe);
  }
  g_recorder.on_unseen_functions(g_probes.count_unseen());
}

namespace {

// All that a new trace has to know.
void announce_all() noexcept {
  if (g_probes.is_stripped()) {
    g_recorder.announce_info(trace::kInfoSymbols, trace::kDynamicSymbols);
  }
  announce_probes();
}

ProbeEffort effort_of(ProbeLimit limit) noexcept {
  switch (limit) {
    case ProbeLimit::Auto:
      return ProbeEffort::All;
    case ProbeLimit::Jumps:
      return ProbeEffort::Jumps;
    case ProbeLimit::EntryOnly:
      return ProbeEffort::EntryOnly;
    default:
      return ProbeEffort::None;
  }
}

void follow_loader() noexcept {
  // Inside a hook of ours, or in a vfork child: it will be called again.
  if (!t_state.is_idle()) return;
  ErrnoKeeper keeper;
  const ActivityScope scope(Activity::Recording);
  if (g_probes.follow_modules()) announce_probes();
}

}  // namespace

void set_up_probes() noexcept {
  if (!g_recorder.is_recording()) return;
  const Options& options = g_recorder.options();
  choose_vector_way();
  g_on_loader = &follow_loader;
  g_breakpoints.allow({g_real.sigaction, g_real.pthread_sigmask});
  g_probes.install(options.scopes, effort_of(options.probes), options.quiet);
  if (g_probes.rule_count() == 0 && !g_probes.awaits_profile()) return;
  report_refusal(options.quiet);
  g_recorder.set_announcer(&announce_all);
  announce_all();
}

}  // namespace sagemem
