// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report dump`: the events as they stand in the trace, in order of
// time, one a line; as JSON one object a line within one document.  Streams: a
// dump may be larger than memory.
#pragma once

#include <string>

#include "decode/trace_file.h"
#include "report/output.h"

namespace sagemem::report {

void print_dump(Output& out, const decode::TraceFile& file);
void print_dump_json(Output& out, const std::string& trace,
                     const decode::TraceFile& file);

}  // namespace sagemem::report
