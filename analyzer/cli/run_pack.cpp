// SPDX-License-Identifier: Apache-2.0
#include "cli/run_pack.h"

#include <fmt/format.h>

#include <cstdio>
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

}  // namespace

int run_pack(const std::string& trace, const std::string& output) {
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

}  // namespace sagemem::cli
