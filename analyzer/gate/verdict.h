// SPDX-License-Identifier: Apache-2.0
//
// What came of the rules: plain data, from which each output is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gate/quantity.h"
#include "gate/rules_file.h"
#include "gate/source_paths.h"

namespace sagemem::gate {

enum class Outcome { Holds, Broken, Undecided, Skipped };

// A site that has a part in what was found.
struct SiteEvidence {
  std::string function;
  std::string file;  // "" where the module has no line table
  std::uint32_t line = 0;
  std::string module;
  std::string source;  // the text of the line, when it is there
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  bool has_bytes = true;  // else only blocks are counted
  // More than in the baseline, by so much.
  bool is_change = false;
  bool is_new = false;  // the baseline has none of it
};

struct ScopeEvidence {
  std::int64_t number = 0;
  double value = 0;
};

// A comparison that decided against a rule.
struct Finding {
  std::string text;      // as it was written
  std::string expected;  // "at most 13.0 MiB (13,598,776 bytes)"
  std::string got;       // "17.8 MiB (18,688,000 bytes)"
  std::string subject;   // what was compared, as it was written
  // The same for programs; absent: not known.
  std::optional<double> value;
  std::optional<Band> bound;
  Unit unit = Unit::Number;
  bool is_of_run = false;  // what was got changes from run to run
  bool is_bound_of_run = false;
  std::vector<SiteEvidence> sites;
  std::size_t other_sites = 0;
  std::string scope_name;  // of the scopes
  Unit scope_unit = Unit::Number;
  std::vector<ScopeEvidence> scopes;
  std::size_t other_scopes = 0;
};

struct RuleVerdict {
  const Rule* rule = nullptr;
  Outcome outcome = Outcome::Undecided;
  std::string why;                // it is undecided
  std::vector<Finding> findings;  // that broke it, or all when it holds
};

// A figure before and after.
struct Change {
  std::string figure;
  Unit unit = Unit::Number;
  std::optional<Band> before;   // absent: no baseline, or not in it
  std::optional<double> after;  // absent: not known
  bool is_of_run = false;
};

// What a suppression did, of those given and those built in that matched.
struct SuppressionEvidence {
  std::string name;
  std::string file;  // "": built in
  std::size_t line = 0;
  std::string reason;
  std::uint64_t stacks = 0;  // that it matched; 0: it is of no use
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
};

// Of one trace.
struct Verdict {
  std::string trace;  // as the user gave it; "" when that is not to be shown
  std::string command;
  std::string end;                // "exit code 0"
  std::vector<std::string> gaps;  // why it is not complete
  // The only gap is its end, which is what a rule wants.
  bool is_end_wanted = false;
  std::string error;  // it could not be read at all
  std::vector<RuleVerdict> rules;
  std::vector<Change> changes;
  std::vector<SuppressionEvidence> suppressions;

  [[nodiscard]] std::size_t count(Outcome outcome, Severity severity) const;
  // Whether it is the record of a whole run, or of all that was wanted of one.
  [[nodiscard]] bool is_whole() const {
    return error.empty() && (gaps.empty() || is_end_wanted);
  }
  // What keeps it from being green and no rule tells; "": nothing.
  [[nodiscard]] std::string problem() const;
};

// Takes out what changes from run to run: two runs of a program then have
// verdicts that are equal byte for byte, wherever they ran.  What was found is
// not touched.
void mask_run(Verdict& verdict, SourcePaths& paths);

// How it ends, sagemem-report(1).
inline constexpr int kExitHolds = 0;
inline constexpr int kExitBroken = 1;
inline constexpr int kExitUnreadable = 3;
[[nodiscard]] int exit_code(const std::vector<Verdict>& verdicts);

}  // namespace sagemem::gate
