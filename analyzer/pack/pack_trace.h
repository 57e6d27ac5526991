// SPDX-License-Identifier: Apache-2.0
//
// A whole trace to a packed one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "decode/trace_file.h"

namespace sagemem::pack {

struct PackResult {
  std::uint64_t bytes_before = 0;  // that the trace took on the disk
  std::uint64_t bytes_after = 0;
  bool was_packed = false;  // in place, and there was nothing to do
};

// The trace can be read, but not be packed like this.
class PackRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Symbols for a trace, as pack/symbol_writer makes them.
using MakeSymbols =
    std::function<std::vector<std::uint8_t>(const decode::TraceFile& file)>;

// Writes the packed trace to `out`, or in place of `trace` when that is empty:
// to a temporary file beside it that then takes its name, so that at every
// moment one whole trace is there.  Throws decode::TraceError when the trace
// can not be read, std::system_error when the other can not be written.
// `symbols`: what to put into it; without it, those that it has are kept.  With
// it, a packed trace is packed anew.
PackResult pack_trace(const std::filesystem::path& trace,
                      const std::filesystem::path& out,
                      const MakeSymbols& symbols = {});

// All segments, in the order in which they were begun.
std::vector<const decode::Segment*> in_order(const decode::TraceFile& file);

// The same into an empty file that is open for writing; returns its bytes.
std::uint64_t write_packed(const decode::TraceFile& file, int fd,
                           const MakeSymbols& symbols = {});

}  // namespace sagemem::pack
