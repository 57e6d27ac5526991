// SPDX-License-Identifier: Apache-2.0
#include "cli/follow.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/each_trace.h"
#include "cli/exit_codes.h"
#include "cli/run_report.h"
#include "cli/subcommands.h"
#include "decode/trace_file.h"
#include "pack/target_watch.h"
#include "report/run_facts.h"

namespace sagemem::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A report of a long trace takes a while: it may have so much of the time.
constexpr int kShareOfTime = 5;

constexpr const char* kClear = "\033[H\033[2J\033[3J";

// Of the machine that the trace was recorded on: only there can be seen whether
// the program runs.
bool is_elsewhere(const model::Profile& profile) {
  const std::string& host = profile.info_value(trace::kInfoHost);
  utsname here{};
  return !host.empty() && ::uname(&here) == 0 && host != here.nodename;
}

class Follower {
 public:
  Follower(const Options& options, report::Output& out)
      : options_(options),
        out_(out),
        trace_(options.traces.front()),
        header_(decode::TraceFile::open(trace_).header()),
        watch_(header_.pid, trace_) {}

  void run() {
    for (bool is_last = false; !is_last;) {
      // Asked before the trace is read, so that nothing comes after the last.
      is_last = watch_.has_ended(has_execed_);
      const auto start = Clock::now();
      print(is_last);
      if (is_last) return;
      watch_.wait(pause(Clock::now() - start));
    }
  }

 private:
  void print(bool& is_last) {
    if (::isatty(STDOUT_FILENO) == 1) {
      out_.write(kClear);
    } else if (!is_first_) {
      out_.write("\n");
    }
    is_first_ = false;
    const unsigned needs = options_.subcommand->report->needs;
    with_subject(trace_, options_, needs, [&](const report::Subject& subject) {
      print_report(subject, options_, out_);
      const model::Profile& profile = subject.profile;
      has_execed_ = profile.header.end_kind ==
                    static_cast<std::uint32_t>(trace::EndKind::Exec);
      if (is_elsewhere(profile)) is_last = report::is_end_known(profile);
    });
    out_.flush();
  }

  [[nodiscard]] milliseconds pause(Clock::duration took) const {
    const auto wanted = milliseconds(
        static_cast<std::int64_t>(options_.interval_seconds * 1000));
    return std::max(wanted, std::chrono::duration_cast<milliseconds>(took) *
                                (kShareOfTime - 1));
  }

  const Options& options_;
  report::Output& out_;
  const std::string& trace_;
  const trace::FileHeader header_;
  const pack::TargetWatch watch_;
  bool has_execed_ = false;
  bool is_first_ = true;
};

}  // namespace

int follow(const Options& options, report::Output& out) {
  if (options.traces.size() != 1 || options.traces.front() == "-" ||
      options.json || options.csv) {
    fmt::print(stderr,
               "sagemem-report: --follow takes one trace, which is a "
               "file, and prints text\n");
    return kExitUsage;
  }
  return try_trace(options.traces.front(),
                   [&] { Follower(options, out).run(); });
}

}  // namespace sagemem::cli
