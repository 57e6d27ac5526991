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

std::string problem_with(const std::function<void()>& take) {
  try {
    take();
    return "";
  } catch (const decode::TraceError& error) {
    return fmt::format("offset {}: {}", error.offset(), error.what());
  } catch (const std::system_error& error) {
    // No room for what is kept in a file.
    return error.what();
  } catch (const std::bad_alloc&) {
    return "out of memory";
  }
}

int try_trace(const std::string& trace, const std::function<void()>& take) {
  const std::string problem = problem_with(take);
  if (problem.empty()) return kExitOk;
  fmt::print(stderr, "sagemem-report: {}: {}\n", trace, problem);
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
