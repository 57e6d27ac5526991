// SPDX-License-Identifier: Apache-2.0
#include "cli/each_trace.h"

#include <fmt/format.h>

#include <cstdio>
#include <new>
#include <system_error>

#include "cli/exit_codes.h"
#include "decode/trace_error.h"

namespace sagemem::cli {

int each_trace(const Options& options,
               const std::function<void(const std::string& trace)>& take) {
  int status = kExitOk;
  for (const std::string& trace : options.traces) {
    try {
      take(trace);
      continue;
    } catch (const decode::TraceError& error) {
      fmt::print(stderr, "sagemem-report: {}: offset {}: {}\n", trace,
                 error.offset(), error.what());
    } catch (const std::system_error& error) {
      // No room for what is kept in a file.
      fmt::print(stderr, "sagemem-report: {}: {}\n", trace, error.what());
    } catch (const std::bad_alloc&) {
      fmt::print(stderr, "sagemem-report: {}: out of memory\n", trace);
    }
    status = kExitUnreadable;
  }
  return status;
}

}  // namespace sagemem::cli
