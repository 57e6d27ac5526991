// SPDX-License-Identifier: Apache-2.0
#include "cli/rewrite_traces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <system_error>

#include "cli/exit_codes.h"
#include "decode/trace_error.h"
#include "pack/pack_trace.h"

namespace sagemem::cli {
namespace {

int rewrite_one(const std::string& trace, const char* done,
                const std::function<void(const std::string& trace)>& rewrite) {
  if (trace == "-") {
    fmt::print(stderr, "sagemem-report: -: not {}: it has no name\n", done);
    return kExitUsage;
  }
  try {
    rewrite(trace);
    return kExitOk;
  } catch (const decode::TraceError& error) {
    fmt::print(stderr, "sagemem-report: {}: offset {}: {}\n", trace,
               error.offset(), error.what());
    return kExitUnreadable;
  } catch (const pack::PackRefused& refusal) {
    fmt::print(stderr, "sagemem-report: {}: not {}: {}\n", trace, done,
               refusal.what());
  } catch (const std::system_error& error) {
    fmt::print(stderr, "sagemem-report: cannot write: {}\n", error.what());
  } catch (const std::length_error& error) {
    fmt::print(stderr, "sagemem-report: {}: {}\n", trace, error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sagemem-report: {}: out of memory\n", trace);
    return kExitUnreadable;
  }
  return kExitNoOutput;
}

}  // namespace

int rewrite_traces(
    const Options& options, const char* done,
    const std::function<void(const std::string& trace)>& rewrite) {
  int status = kExitOk;
  for (const std::string& trace : options.traces)
    status = std::max(status, rewrite_one(trace, done, rewrite));
  return status;
}

}  // namespace sagemem::cli
