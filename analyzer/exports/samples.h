// SPDX-License-Identifier: Apache-2.0
//
// What most formats want of a profile: every call stack that allocated, with
// names, and its numbers.
//
//   main  run_sage  push_back  operator new     outermost first
//   320 allocations, 40 of them live at the peak, ...
//
// Stacks that read alike are one sample: of a library that was loaded twice, or
// of two calls in one line.  The order is that of the names, so that a file is
// the same whatever the threads did and wherever code was loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/subject.h"

namespace sagemem::exports {

// What is shown where a format holds one number for each stack.
enum class Value { Peak, Leaked, Allocated, Blocks, Temporary };

struct ValueKind {
  Value value;
  const char* name;  // as the command line has it
  const char* unit;  // "bytes" or "count"
  const char* meaning;
};

// All of them, in the order of the enumeration.
[[nodiscard]] const std::vector<ValueKind>& value_kinds();
[[nodiscard]] std::optional<Value> find_value(std::string_view name);
[[nodiscard]] std::uint64_t value_of(const model::StackUse& use, Value value);

// The places of a stack, inlined ones included, outermost first.
using Path = std::vector<const symbolize::Location*>;

struct Sample {
  Path path;
  std::uint32_t site = 0;      // index into SiteTable::sites
  std::uint32_t category = 0;  // index into CategoryTable::categories
  model::StackUse use;         // sums; own peaks are left out
};

[[nodiscard]] std::vector<Sample> find_samples(const report::Subject& subject);

// A total order of places, by what is printed of them.
[[nodiscard]] bool is_before(const symbolize::Location& a,
                             const symbolize::Location& b);

// Text that no reader trips over: UTF-8 without control characters.
[[nodiscard]] std::string clean(std::string_view text);
// The same of arguments as a shell would take them.
[[nodiscard]] std::string command_line(const model::Profile& profile);

}  // namespace sagemem::exports
