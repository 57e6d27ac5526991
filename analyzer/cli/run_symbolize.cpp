// SPDX-License-Identifier: Apache-2.0
#include "cli/run_symbolize.h"

#include <fmt/format.h>

#include <string>

#include "cli/rewrite_traces.h"
#include "decode/symbol_section.h"
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

}  // namespace

int run_symbolize(const Options& options, report::Output&) {
  return rewrite_traces(options, "written", [&options](const auto& trace) {
    symbolize_file(trace, options);
  });
}

}  // namespace sagemem::cli
