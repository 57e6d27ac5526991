// SPDX-License-Identifier: Apache-2.0
//
// The traces that a run left: found by the pattern of their names, told from
// those of other runs by the pids in their headers.
//
//   pattern    dir/sagemem.%e.%p.smt
//   glob       dir/sagemem.*.**.smt   the last *: the number that the recorder
//                                     puts in when the file exists
//   kept       started after us, and pid or parent_pid leads to our child
//
// Hazard: a process whose parent had no trace and whose grandparent is ours
// (a static shell in between) is not found.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sagemem/trace/format.h"

namespace sagemem::run {

struct Trace {
  std::string path;
  std::string data_path;  // where the bytes are: the spool, when there is one
  trace::FileHeader header;
};

// In the order of their starts.  `since_ns`: wall clock before the child was
// started.
[[nodiscard]] std::vector<Trace> find_traces(const std::string& pattern,
                                             pid_t child,
                                             std::int64_t since_ns);

// Writes into the header that the process was ended by that signal, when the
// recorder has said nothing about the end.
void mark_signal(const Trace& trace, int signal_number);

// The wall clock, as FileHeader::start_realtime_ns has it.
[[nodiscard]] std::int64_t realtime_ns();

}  // namespace sagemem::run
