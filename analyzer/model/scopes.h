// SPDX-License-Identifier: Apache-2.0
//
// What a replay knows of scopes: the part of a Profile that is about stretches
// of the run that have a name and a number, and about labels.  Plain data.
//
// A block belongs to every scope that its thread has open when it is born, and
// to every process-wide one that any thread has open.  realloc of a live block
// is its release and the birth of another, which belongs to the scopes of that
// moment.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/stack_tree.h"
#include "sagemem/trace/events.h"

namespace sagemem::model {

using ScopeId = std::uint32_t;
inline constexpr ScopeId kNoScope = 0xffffffff;
inline constexpr std::uint32_t kNoThread = 0xffffffff;

// A function whose calls a rule is about.
struct Probe {
  std::uint64_t roles = 0;  // kProbeBegins, kProbeEnds
  trace::ProbeMethod method = trace::ProbeMethod::None;
  trace::ProbeReason reason = trace::ProbeReason::None;
  Frame start;             // its first byte, as a frame
  std::uint64_t size = 0;  // 0: no such function
  std::string symbol;

  // Whether a return address lies in it.
  [[nodiscard]] bool holds(const Frame& frame) const noexcept {
    return frame.module == start.module && frame.offset > start.offset &&
           frame.offset - start.offset <= size;
  }
};

struct ScopeRule {
  std::uint64_t number = 0;  // as the trace has it
  trace::RuleUse use = trace::RuleUse::Scope;
  std::string name;
  bool is_process_wide = false;
  bool is_built_in = false;
  std::vector<Probe> probes;
};

struct CapturedValue {
  std::uint32_t key = 0;  // index into ScopeProfile::keys
  std::int64_t value = 0;
};

enum class ScopeEnding : std::uint8_t {
  Open,         // still open when the trace ended
  Closed,       // by its end
  Abandoned,    // by an exception or a longjmp
  ByOuter,      // by the end of one that it was opened in
  ThreadEnded,  // with its thread
};

// One scope.  Bytes and blocks are of blocks born in it, unless it says so.
struct Scope {
  std::uint32_t rule = 0;            // index into ScopeProfile::rules
  std::uint32_t thread = kNoThread;  // index into Profile::threads
  ScopeId outer = kNoScope;          // the one its thread was in
  ScopeEnding ending = ScopeEnding::Open;
  bool has_number = false;  // captured; else `number` counts its rule's scopes
  std::uint16_t captured = 0;  // how many values
  std::int64_t number = 0;
  std::uint64_t first_captured = 0;  // index into ScopeProfile::captured
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;             // Open: the end of the trace
  std::uint64_t peak_bytes = 0;        // highest while it was open
  std::uint64_t total_peak_bytes = 0;  // of all blocks while it was open
  std::uint64_t allocated_bytes = 0;
  std::uint64_t allocated_blocks = 0;
  std::uint64_t escaped_bytes = 0;  // alive when it was closed
  std::uint64_t escaped_blocks = 0;
  std::uint64_t live_bytes = 0;  // never released
  std::uint64_t live_blocks = 0;
  std::uint64_t floor_bytes = 0;     // all live bytes right after its end
  std::uint64_t resident_bytes = 0;  // the sample nearest to its end; 0: none
  std::int64_t resident_distance_ns = 0;  // from its end to that sample

  // Releases of its blocks while it was open.
  [[nodiscard]] std::uint64_t releases() const noexcept {
    return allocated_blocks - (is_closed() ? escaped_blocks : live_blocks);
  }
  [[nodiscard]] bool is_closed() const noexcept {
    return ending != ScopeEnding::Open;
  }
};

// Blocks of one call stack that were alive when the scope they were born in was
// closed, over all scopes of a rule or of one scope.
struct Escape {
  std::uint32_t owner = 0;  // index of the rule, or the ScopeId
  StackId stack = kRootStack;
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
  std::uint64_t live_blocks = 0;  // of these, never released
  std::uint64_t live_bytes = 0;
};

// What a call stack held when a scope was at its own peak.
struct ScopePeakUse {
  ScopeId scope = kNoScope;
  StackId stack = kRootStack;
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
};

// Blocks with one value of a label: born in a function of the rule's probes in
// a thread that had said so.
struct LabelUse {
  std::uint32_t rule = 0;  // index into ScopeProfile::rules
  std::int64_t value = 0;
  std::uint64_t allocated_bytes = 0;
  std::uint64_t allocated_blocks = 0;
  std::uint64_t live_bytes = 0;  // at the end
  std::uint64_t live_blocks = 0;
  std::uint64_t own_peak_bytes = 0;
  std::uint64_t peak_bytes = 0;  // live at the global peak
  std::uint64_t peak_blocks = 0;
};

// The same for one call stack, to compare a label with other ways to sort.
struct LabelStackUse {
  std::uint32_t label = 0;  // index into ScopeProfile::labels
  StackId stack = kRootStack;
  std::uint64_t allocated_bytes = 0;
  std::uint64_t allocated_blocks = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t live_blocks = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t peak_blocks = 0;
};

// A moment that the program asked to remember.
struct Snapshot {
  std::string label;
  std::int64_t time_ns = 0;
  std::uint64_t live_bytes = 0;
};

struct ScopeProfile {
  std::vector<ScopeRule> rules;  // in order of appearance
  std::vector<std::string> keys;
  std::vector<CapturedValue> captured;
  std::vector<Scope> scopes;          // in order of their begins
  std::vector<Escape> escapes;        // by rule, then stack
  std::vector<Escape> scope_escapes;  // of the scopes that were asked for
  std::vector<ScopePeakUse> scope_peaks;
  std::vector<LabelUse> labels;  // by rule, then value
  std::vector<LabelStackUse> label_stacks;
  std::vector<Snapshot> snapshots;
  std::uint64_t unmatched_ends = 0;   // of a rule that had no scope open
  std::uint64_t unmatched_notes = 0;  // in a thread that had no scope open
  std::uint64_t too_deep = 0;         // begins beyond what is followed

  [[nodiscard]] std::span<const CapturedValue> captured_of(
      const Scope& scope) const {
    return std::span(captured).subspan(
        static_cast<std::size_t>(scope.first_captured), scope.captured);
  }
};

}  // namespace sagemem::model
