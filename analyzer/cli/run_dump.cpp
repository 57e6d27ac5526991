// SPDX-License-Identifier: Apache-2.0
#include "cli/run_dump.h"

#include "cli/each_trace.h"
#include "decode/trace_file.h"
#include "report/dump.h"

namespace sagemem::cli {

int run_dump(const Options& options, report::Output& out) {
  return each_trace(options, [&](const std::string& trace) {
    const auto file = decode::TraceFile::open(trace);
    if (options.json) return report::print_dump_json(out, trace, file);
    report::print_dump(out, file);
  });
}

}  // namespace sagemem::cli
