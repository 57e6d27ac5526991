// SPDX-License-Identifier: Apache-2.0
//
// sagemem-report: decode, replay, symbolize, analyse, print.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "cli/exit_codes.h"
#include "cli/options.h"
#include "cli/subcommands.h"
#include "report/output.h"
#include "symbolize/servers.h"

using namespace sagemem;

int main(int argc, char** argv) {
  // A closed pipe is seen as EPIPE, whatever the parent made of SIGPIPE.
  std::signal(SIGPIPE, SIG_IGN);
  symbolize::limit_servers();
  // What a report ends with whose reader left before it was known.
  int status = cli::kExitOk;
  try {
    cli::Options options;
    if (const auto parsed = cli::parse_options(argc, argv, options))
      return *parsed;
    report::Output out(stdout);
    status = options.subcommand->run(options, out);
    out.flush();
    return status;
  } catch (const report::OutputClosed&) {
    return status;
  } catch (const report::OutputError& error) {
    fmt::print(stderr, "sagemem-report: cannot write: {}\n", error.what());
    return cli::kExitNoOutput;
  }
}
