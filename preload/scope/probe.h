// SPDX-License-Identifier: Apache-2.0
//
// One probed function: where it is, how its calls are seen, and what is to be
// done at them.
#pragma once

#include <cstdint>

#include "sagemem/trace/events.h"
#include "scope/rules.h"

namespace sagemem {

enum class ActionKind : std::uint8_t {
  Begin,
  End,
  Label,
  Note,
  Each,    // a begin, if there are new values
  Loader,  // ours: libraries come or go
};

struct RuleEntry;

struct Action {
  const RuleEntry* entry = nullptr;  // the rule, as handlers need it
  std::uint8_t rule = 0;             // its place in the table
  ActionKind kind = ActionKind::Begin;
  bool at_exit = false;
};

inline constexpr std::uint32_t kMaxActions = 8;

struct Probe {
  // Of the running process.
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint64_t moved = 0;         // its first instructions by now
  std::uint64_t next = 0;          // the next symbol's, in the ELF image
  std::uint64_t previous_end = 0;  // of the function before, there
  std::uint64_t module = 0;        // where its module starts
  std::uint32_t stack_words = 0;
  bool is_guess = false;  // of the words
  bool is_free = true;
  bool is_planned = false;
  bool has_own_arguments = false;
  bool sees_exit = false;  // its calls go through a stub
  trace::ProbeMethod method = trace::ProbeMethod::None;
  trace::ProbeReason reason = trace::ProbeReason::None;
  std::uint8_t entry_count = 0;  // those of the actions at the entry: first
  std::uint8_t action_count = 0;
  Action actions[kMaxActions];
  char symbol[64] = {};
};

// A reason that is no function's own.
inline bool concerns_all(trace::ProbeReason reason) noexcept {
  return reason == trace::ProbeReason::Traced ||
         reason == trace::ProbeReason::ProtectRefused ||
         reason == trace::ProbeReason::NoNearMemory ||
         reason == trace::ProbeReason::Unsupported;
}

// Where a source finds its symbol.
struct GlobalPlace {
  std::uint64_t address = 0;  // 0: nowhere
  std::uint64_t bytes = 0;
  std::uint64_t index = 0;  // where the index is; 0: it is an argument
  std::uint64_t index_bytes = 0;
};

}  // namespace sagemem
