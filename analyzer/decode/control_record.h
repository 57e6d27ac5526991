// SPDX-License-Identifier: Apache-2.0
//
// The payloads of control records, checked and taken apart.
//
// Hazard: the texts are views into the payload, and are what the file says:
// any bytes.  Whoever prints them escapes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "sagemem/trace/events.h"
#include "sagemem/trace/scan.h"

namespace sagemem::decode {

struct InfoRecord {
  std::string_view key;
  std::string_view value;
};

struct ThreadRecord {
  std::int32_t tid = 0;
  std::string_view name;
};

struct ModuleLoadRecord {
  std::uint64_t number = 0;
  std::uint64_t flags = 0;  // kModuleIsRecorder, kModuleIsExecutable
  std::uint64_t bias = 0;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::span<const std::uint8_t> build_id;
  std::string_view path;
};

struct ModuleUnloadRecord {
  std::uint64_t number = 0;
};

struct ResidentRecord {
  std::uint64_t bytes = 0;
  std::uint64_t shared_bytes = 0;  // of which shared or file
};

struct ForkRecord {
  std::int32_t child_pid = 0;
};

struct ExecRecord {
  std::string_view path;
};

struct Capture {
  std::string_view name;
  bool is_at_end = false;
};

struct ScopeRuleRecord {
  // As many values of the begin and of the end as an event can bring.
  static constexpr std::size_t kMaxCaptures = 2 * trace::kMaxScopeValues;

  std::uint64_t number = 0;
  trace::RuleUse use = trace::RuleUse::Scope;  // or one that is not known yet
  std::uint64_t flags = 0;  // kRuleIsProcessWide, kRuleIsBuiltIn
  std::string_view name;
  std::size_t capture_count = 0;
  std::array<Capture, kMaxCaptures> capture_slots;

  [[nodiscard]] std::span<const Capture> captures() const {
    return std::span(capture_slots).first(capture_count);
  }
};

struct ProbeRecord {
  std::uint64_t rule = 0;
  std::uint64_t roles = 0;  // kProbeBegins, kProbeEnds
  trace::ProbeMethod method = trace::ProbeMethod::None;
  trace::ProbeReason reason = trace::ProbeReason::None;
  std::uint64_t address = 0;  // of the function; 0: there is none
  std::uint64_t size = 0;
  std::string_view symbol;
};

struct SnapshotRecord {
  std::string_view label;
};

// The words are still encoded: see ScanWords.
struct ScanWordsRecord {
  std::uint64_t start = 0;  // of the mapping
  std::uint64_t end = 0;
  trace::RegionKind kind = trace::RegionKind::Anonymous;
  std::uint64_t flags = 0;  // kRegionIs...
  std::uint64_t first = 0;  // address that the first distance counts from
  std::span<const std::uint8_t> words;
};

struct ScanThreadRecord {
  std::int32_t tid = 0;
  trace::ThreadStop stop = trace::ThreadStop::Own;
  std::uint64_t stack_pointer = 0;          // 0: not known
  std::uint64_t thread_pointer = 0;         // 0: not known
  std::span<const std::uint8_t> registers;  // varints
};

struct ScanEndRecord {
  trace::ScanOutcome outcome = trace::ScanOutcome::Complete;
  std::uint64_t records = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unread_bytes = 0;
  std::uint64_t elapsed_ns = 0;
  std::uint64_t threads = 0;
  std::uint64_t missed_threads = 0;
};

using ControlRecord =
    std::variant<InfoRecord, ThreadRecord, ModuleLoadRecord, ModuleUnloadRecord,
                 ResidentRecord, ForkRecord, ExecRecord, ScopeRuleRecord,
                 ProbeRecord, SnapshotRecord, ScanWordsRecord, ScanThreadRecord,
                 ScanEndRecord>;

[[nodiscard]] bool is_known(trace::Control type) noexcept;

// Nothing when the payload is not what its type (a known one) asks for.  Bytes
// behind the last field are a later minor version's and ignored.
std::optional<ControlRecord> parse_control(
    trace::Control type, std::span<const std::uint8_t> payload) noexcept;

}  // namespace sagemem::decode
