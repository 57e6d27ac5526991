// SPDX-License-Identifier: Apache-2.0
#include "cli/run_pack.h"

#include <fmt/format.h>

#include <string>

#include "cli/rewrite_traces.h"
#include "pack/pack_trace.h"
#include "report/units.h"

namespace sagemem::cli {
namespace {

void print_result(const std::string& trace, const pack::PackResult& result) {
  if (result.was_packed) {
    fmt::print("{}: is packed\n", trace);
    return;
  }
  fmt::print("{}: {} packed to {}\n", trace,
             report::format_bytes(result.bytes_before),
             report::format_bytes(result.bytes_after));
}

}  // namespace

int run_pack(const Options& options, report::Output&) {
  return rewrite_traces(options, "packed", [&options](const auto& trace) {
    print_result(trace, pack::pack_trace(trace, options.output));
  });
}

}  // namespace sagemem::cli
