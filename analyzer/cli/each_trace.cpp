// SPDX-License-Identifier: Apache-2.0
#include "cli/each_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <system_error>

#include "cli/exit_codes.h"
#include "decode/trace_error.h"

namespace sagemem::cli {

int try_trace(const std::string& trace, const std::function<void()>& take) {
  try {
    take();
    return kExitOk;
  } catch (const decode::TraceError& error) {
    fmt::print(stderr, "sagemem-report: {}: offset {}: {}\n", trace,
               error.offset(), error.what());
  } catch (const std::system_error& error) {
    // No room for what is kept in a file.
    fmt::print(stderr, "sagemem-report: {}: {}\n", trace, error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sagemem-report: {}: out of memory\n", trace);
  }
  return kExitUnreadable;
}

int each_trace(const Options& options,
               const std::function<void(const std::string& trace)>& take) {
  int status = kExitOk;
  for (const std::string& trace : options.traces)
    status = std::max(status, try_trace(trace, [&] { take(trace); }));
  return status;
}

}  // namespace sagemem::cli
