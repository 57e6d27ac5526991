// SPDX-License-Identifier: Apache-2.0
//
// Traces as text that a reviewer can read; the inverse of decode/text.h.
//
//   const std::string fixture = R"(
//     # stamp, thread, what happened
//     0 session module 0 0x400000-0x500000 bias 0x0 exe /bin/prog
//     1000 t1 malloc 64 -> 0x1000 @ main/run/site_a
//     1010 t1 free 0x1000
//     1020 t2 realloc_begin 0x2000
//   )";
//   TraceBuilder trace = text_to_trace(fixture);
//
// Stamps are ticks since the start.  A thread that no `thread` line gave to a
// writer gets the next free one.  A frame is a number or a name; names stand
// for addresses of their own, from kFirstNamedFrame on, in order of appearance.
// A mistake in the text throws std::invalid_argument that names the line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "decode/trace_file.h"
#include "trace_builder.h"

namespace sagemem::test {

inline constexpr std::uint64_t kFirstNamedFrame = 0x400010;

class FrameNames {
 public:
  std::uint64_t address(std::string_view name);  // made when new
  // The name that stands for an address, or "".
  [[nodiscard]] std::string name(std::uint64_t address) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::uint64_t, std::less<>> addresses_;
};

TraceBuilder text_to_trace(std::string_view text,
                           const BuilderOptions& options = {});
// The same with the names that were used.
TraceBuilder text_to_trace(std::string_view text, FrameNames& names,
                           const BuilderOptions& options = {});

// Every event in the order of the replay, a line each.
std::string trace_to_text(const decode::TraceFile& file,
                          const FrameNames& names = {});

}  // namespace sagemem::test
