// SPDX-License-Identifier: Apache-2.0
//
// What is to be seen of the program's calls, as the user or a profile says it:
//
//   forest = sage_per_forest (number=arg1)
//   forest = load_tree .. free_tree (number=arg2:i32, file=FileNum)
//   forest = each my_malloc (number=TreeID, nhalos=*TreeNHalos[TreeID]:i32)
//   note nhalos = load_forest (return); label tree = mymalloc_cat (arg2:i32)
//
// separated by semicolons or newlines; sagemem(7) has the grammar.  A rule that
// can not be understood is left out and said so, the others count.
//
// Hazard: texts are pieces of the text that was parsed, which must stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sagemem/trace/events.h"

namespace sagemem {

struct Word {
  const char* data = nullptr;
  std::uint32_t size = 0;

  [[nodiscard]] bool is_empty() const noexcept { return size == 0; }
  [[nodiscard]] bool is(const char* text) const noexcept {
    return std::strlen(text) == size && std::memcmp(data, text, size) == 0;
  }
  bool operator==(const Word& other) const noexcept {
    return size == other.size && std::memcmp(data, other.data, size) == 0;
  }
};

enum class SourceKind : std::uint8_t {
  Argument,  // 1 to 6, of those in general registers
  Return,
  Global,         // SYMBOL
  Element,        // SYMBOL[argN] or SYMBOL[SYMBOL]
  TargetElement,  // *SYMBOL[...]
};

struct Source {
  SourceKind kind = SourceKind::Argument;
  std::uint8_t argument = 0;  // from 0
  std::uint8_t bytes = 0;     // 0: those of the symbol, or 8
  bool is_unsigned = false;
  bool at_end = false;
  Word symbol;
  Word index;  // a symbol, where it is no argument

  [[nodiscard]] bool reads_argument() const noexcept {
    return kind != SourceKind::Return && kind != SourceKind::Global &&
           index.is_empty();
  }
};

struct Capture {
  Word name;
  Source source;
};

inline constexpr std::size_t kMaxRuleFunctions = 8;

struct Rule {
  trace::RuleUse use = trace::RuleUse::Scope;
  bool is_process_wide = false;
  bool is_pair = false;  // functions[0] begins it, functions[1] ends it
  bool is_each = false;  // new values begin it, looked at in the functions
  std::uint8_t function_count = 0;
  std::uint8_t capture_count = 0;
  Word name;
  Word functions[kMaxRuleFunctions];
  Capture captures[trace::kMaxScopeValues];
};

struct RuleTable {
  static constexpr std::size_t kMaxRules = 64;
  std::uint32_t count = 0;
  Rule rules[kMaxRules];
};

// Where a rule is wrong, and what was expected there.
struct RuleError {
  const char* expected;
  Word rule;
  std::uint32_t place;  // bytes into the rule
};
using OnRuleError = void (*)(void* context, const RuleError& error) noexcept;

// Adds the rules of `text` to the table.
void parse_rules(const char* text, RuleTable& table, OnRuleError on_error,
                 void* context) noexcept;

}  // namespace sagemem
