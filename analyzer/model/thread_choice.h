// SPDX-License-Identifier: Apache-2.0
//
// Whether a replay takes a second thread to read the trace.
#pragma once

#include "decode/trace_file.h"
#include "model/replay.h"

namespace sagemem::model {

[[nodiscard]] bool wants_thread(Threads threads, const decode::TraceFile& file);

}  // namespace sagemem::model
