// SPDX-License-Identifier: Apache-2.0
//
// sagemem-run: runs a program with libsagemem.so preloaded and prints what its
// heap did.
//
//   options -> library -> inspect -> launch -> traces -> summary -> same end
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

int run(const Options& options) {
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
  try {
    follow_up(options, outcome, find_traces(pattern, outcome.pid, start));
  } catch (const std::exception& error) {
    // The run itself went its way: its end is what counts to the caller.
    say(error.what());
  }
  if (outcome.signaled) die_by(outcome.status);
  return outcome.status;
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
