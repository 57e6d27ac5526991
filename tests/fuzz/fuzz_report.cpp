// SPDX-License-Identifier: Apache-2.0
//
// The fuzz target around all of sagemem-report but its main: a folded trace is
// laid out as a file in memory and reported on, by a command that depends on
// the input.  Everything but a TraceError is a finding.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>

#include "cli/run_report.h"
#include "cli/subcommands.h"
#include "decode/trace_error.h"
#include "folded_source.h"
#include "report/output.h"
#include "report/reports.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace {

using namespace sagemem;

// One file for all inputs: making and removing them takes longer than a report.
int memory_file() {
  static const int fd = ::memfd_create("trace", MFD_CLOEXEC);
  if (fd < 0 || ::ftruncate(fd, 0) != 0) std::abort();
  return fd;
}

void unfold(std::span<const std::uint8_t> input, int fd) {
  for (std::size_t start = 0; start < input.size(); start += test::kFold) {
    const auto piece =
        input.subspan(start, std::min(test::kFold, input.size() - start));
    const auto offset =
        static_cast<off_t>(test::unfolded_offset(start / test::kFold));
    if (::pwrite(fd, piece.data(), piece.size(), offset) !=
        static_cast<ssize_t>(piece.size())) {
      std::abort();
    }
  }
}

cli::Options choose_options(std::span<const std::uint8_t> input) {
  const unsigned sum = std::accumulate(input.begin(), input.end(),
                                       static_cast<unsigned>(input.size()));
  cli::Options options;
  const auto reports = static_cast<unsigned>(report::all_reports().size());
  // The tools that are no reports come behind them.
  options.subcommand = &cli::all_subcommands()[sum % reports];
  options.json = sum / reports % 2 != 0;
  options.stacks = sum / (2 * reports) % 3;
  options.color = report::ColorMode::Never;
  return options;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, size);
  const int fd = memory_file();
  unfold(input, fd);
  static std::FILE* const nowhere = std::fopen("/dev/null", "w");
  if (nowhere == nullptr) std::abort();
  report::Output out(nowhere);
  try {
    cli::Options options = choose_options(input);
    options.traces = {"/proc/self/fd/" + std::to_string(fd)};
    cli::with_subject(options.traces.front(), options,
                      options.subcommand->report->needs,
                      [&](const report::Subject& subject) {
                        cli::print_report(subject, options, out);
                      });
    out.flush();
  } catch (const decode::TraceError&) {
    // Refused, as it may be.
  }
  return 0;
}
