// SPDX-License-Identifier: Apache-2.0
#include "cli/run_symbolize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "cli/exit_codes.h"
#include "decode/symbol_section.h"
#include "decode/trace_error.h"
#include "model/replay.h"
#include "pack/pack_trace.h"
#include "report/units.h"
#include "symbolize/embed.h"

namespace sagemem::cli {
namespace {

symbolize::Embedded find_symbols(const decode::TraceFile& file,
                                 const Options& options) {
  const model::Profile profile = model::replay(file);
  // What an earlier call has put in is kept: the files may have gone.
  const auto before = decode::parse_symbols(file.symbol_bytes());
  symbolize::Symbolizer symbols(profile.modules, options.search, before.get());
  symbolize::SourceText sources(profile.header.start_realtime_ns,
                                options.search, before.get());
  return symbolize::embed_symbols(profile, symbols, sources);
}

void symbolize_file(const std::string& trace, const Options& options) {
  symbolize::Embedded found;
  pack::pack_trace(trace, options.output, [&](const decode::TraceFile& file) {
    found = find_symbols(file, options);
    return found.section;
  });
  fmt::print("{}: names of {} frames in {}, {} frames without; {}\n", trace,
             report::format_count(found.frames),
             report::format_things(found.modules, "module"),
             report::format_count(found.all_frames - found.frames),
             report::format_bytes(found.section.size()));
}

int symbolize_one(const std::string& trace, const Options& options) {
  try {
    symbolize_file(trace, options);
    return kExitOk;
  } catch (const decode::TraceError& error) {
    fmt::print(stderr, "sagemem-report: {}: offset {}: {}\n", trace,
               error.offset(), error.what());
    return kExitUnreadable;
  } catch (const pack::PackRefused& refusal) {
    fmt::print(stderr, "sagemem-report: {}: not written: {}\n", trace,
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

int run_symbolize(const Options& options, report::Output&) {
  int status = kExitOk;
  for (const std::string& trace : options.traces)
    status = std::max(status, symbolize_one(trace, options));
  return status;
}

}  // namespace sagemem::cli
