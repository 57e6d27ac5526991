// SPDX-License-Identifier: Apache-2.0
//
// sagemem-run: runs a program with libsagemem.so preloaded and prints what its
// heap did.
//
//   options -> library -> inspect -> launch -> traces -> summary -> check
//   -> same end
//
// All that it says goes to standard error: standard output is the program's.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "run/environment.h"
#include "run/exit_codes.h"
#include "run/find_program.h"
#include "run/inspect.h"
#include "run/launch.h"
#include "run/library.h"
#include "run/options.h"
#include "run/summary.h"
#include "run/traces.h"

namespace {

using namespace sagemem::run;

void say(const std::string& text) {
  fmt::print(stderr, "sagemem-run: {}\n", text);
}

int refuse(const std::string& program, const Refusal& refusal) {
  say(fmt::format("{}: {}", program, refusal.reason));
  if (refusal.exit_code == kExitCannotProfile) {
    say("cannot be profiled, not run (--force runs it unrecorded)");
  }
  return refusal.exit_code;
}

// The trace of the program itself: of its last image, when it called exec.
const Trace* own_trace(const std::vector<Trace>& traces, pid_t pid) {
  const Trace* own = nullptr;
  for (const auto& trace : traces) {
    if (trace.header.pid == pid) own = &trace;
  }
  return own;
}

void name_traces(const std::vector<Trace>& traces) {
  for (const auto& trace : traces) {
    say(fmt::format("trace of process {}: {}", trace.header.pid, trace.path));
  }
}

void follow_up(const Options& options, const Outcome& outcome,
               const std::vector<Trace>& traces) {
  const Trace* own = own_trace(traces, outcome.pid);
  if (own == nullptr && !options.force) {
    say("the program left no trace");
  }
  if (own != nullptr && outcome.signaled) mark_signal(*own, outcome.status);
  if (!options.quiet) name_traces(traces);
  if (!options.report) return;
  for (const auto& trace : traces) {
    if (options.report_all || &trace == own) {
      print_summary(trace.path, options.profile);
    }
  }
}

// What the rules say of the traces: of the program's, or of all.  A run that
// has none is not one that holds.
int check(const Options& options, const Outcome& outcome,
          const std::vector<Trace>& traces) {
  if (options.checks.empty()) return 0;
  const Trace* own = own_trace(traces, outcome.pid);
  std::vector<std::string> names;
  for (const auto& trace : traces) {
    if (options.report_all || &trace == own) names.push_back(trace.path);
  }
  if (own == nullptr || names.empty()) {
    say("nothing to check: the rules are undecided");
    return kExitUndecided;
  }
  return check_traces(names, options.checks, options.profile);
}

int run(const Options& options) {
  if (!options.checks.empty() && !are_rules(options.checks)) {
    say("the rules cannot be used, the program was not run");
    return kExitFailed;
  }
  const std::string& name = options.command.front();
  const Library library = find_library(options.library);
  const auto found = find_program(name);
  if (const auto* missing = std::get_if<Refusal>(&found)) {
    return refuse(name, *missing);
  }
  const auto& path = std::get<std::string>(found);
  if (!options.force) {
    if (const auto refusal = inspect_program(path, library.facts)) {
      return refuse(name, *refusal);
    }
  }
  const std::string pattern = output_pattern(options);
  const std::int64_t start = realtime_ns();
  Outcome outcome;
  try {
    outcome =
        run_program({path, options.command,
                     recording_environment(options, library.path, pattern)});
  } catch (const std::system_error& error) {
    say(error.what());
    return error.code() == std::errc::no_such_file_or_directory
               ? kExitNotFound
               : kExitNotExecutable;
  }
  int verdict = 0;
  try {
    const std::vector<Trace> traces = find_traces(pattern, outcome.pid, start);
    follow_up(options, outcome, traces);
    verdict = check(options, outcome, traces);
  } catch (const std::exception& error) {
    // The run itself went its way: its end is what counts to the caller, unless
    // a check was asked for, which cannot be said to have been passed.
    say(error.what());
    verdict = options.checks.empty() ? 0 : kExitUndecided;
  }
  if (outcome.signaled) die_by(outcome.status);
  return outcome.status != 0 ? outcome.status : verdict;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const ParseResult parsed = parse_options(argc, argv);
    return parsed.options ? run(*parsed.options) : parsed.exit_code;
  } catch (const std::exception& error) {
    say(error.what());
    return kExitFailed;
  }
}
