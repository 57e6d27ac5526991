// SPDX-License-Identifier: Apache-2.0
//
// sagemem-report: decode, replay, symbolize, analyse, print.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/exit_codes.h"
#include "cli/options.h"
#include "cli/run_pack.h"
#include "cli/run_report.h"
#include "decode/trace_error.h"
#include "report/output.h"

namespace {

using namespace sagemem;

int pack_all(const cli::Options& options) {
  int status = cli::kExitOk;
  for (const std::string& trace : options.traces)
    status = std::max(status, cli::run_pack(trace, options.output));
  return status;
}

int report_one(const std::string& trace, const cli::Options& options,
               report::Output& out) {
  try {
    cli::run_report(trace, options, out);
    return cli::kExitOk;
  } catch (const decode::TraceError& error) {
    fmt::print(stderr, "sagemem-report: {}: offset {}: {}\n", trace,
               error.offset(), error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sagemem-report: {}: out of memory\n", trace);
  }
  return cli::kExitUnreadable;
}

int report_all(const cli::Options& options) {
  report::Output out(stdout);
  int status = cli::kExitOk;
  for (const std::string& trace : options.traces)
    status = std::max(status, report_one(trace, options, out));
  out.flush();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  // A closed pipe is seen as EPIPE, whatever the parent made of SIGPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  // libdw would ask servers for debug files that are not on this machine, and
  // on a node without a network wait for each of them in vain.
  unsetenv("DEBUGINFOD_URLS");
  try {
    cli::Options options;
    if (const auto status = cli::parse_options(argc, argv, options))
      return *status;
    return options.command == cli::Command::Pack ? pack_all(options)
                                                 : report_all(options);
  } catch (const report::OutputClosed&) {
    return cli::kExitOk;
  } catch (const report::OutputError& error) {
    fmt::print(stderr, "sagemem-report: cannot write: {}\n", error.what());
    return cli::kExitNoOutput;
  }
}
