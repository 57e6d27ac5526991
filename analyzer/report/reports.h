// SPDX-License-Identifier: Apache-2.0
//
// Every report on a replayed trace, in one table: its name, which is that of
// the subcommand, how it is printed, and what has to be known before it can be.
// A new one is a line in reports.cpp; options of its own go to Query, and to
// cli/subcommands.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// What takes another replay, and so is done for those who need it only.
enum Need : unsigned {
  // Scopes that only the call stacks tell of.
  kInferredScopes = 1 << 0,
  // The stacks of the scopes that the query is about.
  kWatchedScopes = 1 << 1,
  // What each category held over time, and the limits.
  kOverTime = 1 << 2,
  // The limits alone, where the run may have come near one.
  kNearLimits = 1 << 3,
};

inline constexpr std::size_t kTopOfLists = 20;

struct Report {
  const char* name;
  const char* description;  // one line of --help
  void (*print)(Page& page, const Subject& subject);
  void (*write_json)(Output& out, const Subject& subject);
  unsigned needs = 0;             // of Need, joined by |
  std::size_t top = kTopOfLists;  // entries of a list when nobody says
  void (*write_csv)(Output& out, const Subject& subject) = nullptr;

  [[nodiscard]] bool has_need(Need need) const { return (needs & need) != 0; }
};

// The first is the one that comes without asking.
[[nodiscard]] std::span<const Report> all_reports();
// nullptr: there is none of this name.
[[nodiscard]] const Report* find_report(std::string_view name);

}  // namespace sagemem::report
