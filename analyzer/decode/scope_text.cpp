// SPDX-License-Identifier: Apache-2.0
#include "decode/scope_text.h"

#include <fmt/format.h>

#include "decode/text.h"
#include "sagemem/trace/format.h"
#include "sagemem/trace/scope_facts.h"

namespace sagemem::decode {
namespace {

using trace::Kind;
using trace::ProbeMethod;
using trace::ProbeReason;
using trace::RuleUse;

// A text with others behind it: without what ends a word or a list of them.
std::string escape_word(std::string_view text) {
  std::string result;
  for (const char c : escape(text)) {
    if (std::string_view(" ,()@").find(c) == std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::ScopeBegin:
      return "scope_begin";
    case Kind::ScopeEnd:
      return "scope_end";
    case Kind::Label:
      return "label";
    default:
      return "note";
  }
}

}  // namespace

std::string_view use_name(RuleUse use) noexcept {
  switch (use) {
    case RuleUse::Scope:
      return "scope";
    case RuleUse::Label:
      return "label";
    case RuleUse::Note:
      return "note";
  }
  return "unknown";
}

std::string_view method_name(ProbeMethod method) noexcept {
  switch (method) {
    case ProbeMethod::None:
      return "none";
    case ProbeMethod::CallThrough:
      return "call-through";
    case ProbeMethod::EntryOnly:
      return "entry-only";
    case ProbeMethod::Breakpoint:
      return "int3";
    case ProbeMethod::Inferred:
      return "inferred";
    case ProbeMethod::ShortJump:
      return "short-jump";
    case ProbeMethod::Marker:
      return "marker";
  }
  return "unknown";
}

std::string_view reason_name(ProbeReason reason) noexcept {
  switch (reason) {
    case ProbeReason::None:
      return "none";
    case ProbeReason::NoSymbol:
      return "no-symbol";
    case ProbeReason::Traced:
      return "traced";
    case ProbeReason::ProtectRefused:
      return "protect-refused";
    case ProbeReason::NoNearMemory:
      return "no-near-memory";
    case ProbeReason::TooShort:
      return "too-short";
    case ProbeReason::NotRelocatable:
      return "not-relocatable";
    case ProbeReason::JumpedInto:
      return "jumped-into";
    case ProbeReason::StackArguments:
      return "stack-arguments";
    case ProbeReason::TableFull:
      return "table-full";
    case ProbeReason::Unsupported:
      return "unsupported";
  }
  return "unknown";
}

std::string print_scope_event(const Event& event) {
  std::string line = fmt::format("{} {}", kind_name(event.kind), event.rule);
  if (event.is_process_wide) line += " process";
  if (event.is_abandoned) line += " abandoned";
  for (const std::int64_t value : event.values) {
    line += fmt::format(" {}", value);
  }
  return line;
}

std::string print_rule(const ScopeRuleRecord& rule) {
  std::string line = fmt::format("rule {} {} {}", rule.number,
                                 use_name(rule.use), escape_word(rule.name));
  if ((rule.flags & trace::kRuleIsProcessWide) != 0) line += " process";
  if ((rule.flags & trace::kRuleIsBuiltIn) != 0) line += " built-in";
  if ((rule.flags & trace::kRuleIsEach) != 0) line += " each";
  const char* separator = " (";
  for (const Capture& capture : rule.captures()) {
    line += separator + escape_word(capture.name);
    if (capture.is_at_end) line += "@end";
    separator = ",";
  }
  if (rule.capture_count != 0) line += ")";
  return line;
}

std::string print_probe(const ProbeRecord& probe) {
  std::string line = fmt::format("probe {}", probe.rule);
  if ((probe.roles & trace::kProbeBegins) != 0) line += " begin";
  if ((probe.roles & trace::kProbeEnds) != 0) line += " end";
  line += fmt::format(" {}", method_name(probe.method));
  if (probe.reason != ProbeReason::None) {
    line += fmt::format(" {}", reason_name(probe.reason));
  }
  line += fmt::format(" {:#x} {}", probe.address, probe.size);
  if (!probe.symbol.empty()) line += " " + escape(probe.symbol);
  return line;
}

}  // namespace sagemem::decode
