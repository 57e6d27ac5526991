// SPDX-License-Identifier: Apache-2.0
#include "cli/run_pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <system_error>

#include "cli/exit_codes.h"
#include "decode/trace_error.h"
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

int pack_one(const std::string& trace, const std::string& output) {
  if (trace == "-") {
    fmt::print(stderr, "sagemem-report: -: not packed: it has no name\n");
    return kExitUsage;
  }
  try {
    print_result(trace, pack::pack_trace(trace, output));
    return kExitOk;
  } catch (const decode::TraceError& error) {
    fmt::print(stderr, "sagemem-report: {}: offset {}: {}\n", trace,
               error.offset(), error.what());
    return kExitUnreadable;
  } catch (const pack::PackRefused& refusal) {
    fmt::print(stderr, "sagemem-report: {}: not packed: {}\n", trace,
               refusal.what());
  } catch (const std::system_error& error) {
    fmt::print(stderr, "sagemem-report: cannot write: {}\n", error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sagemem-report: {}: out of memory\n", trace);
    return kExitUnreadable;
  }
  return kExitNoOutput;
}

}  // namespace

int run_pack(const Options& options, report::Output&) {
  int status = kExitOk;
  for (const std::string& trace : options.traces) {
    status = std::max(status, pack_one(trace, options.output));
  }
  return status;
}

}  // namespace sagemem::cli
