// SPDX-License-Identifier: Apache-2.0
//
// What a profile says that follows from no single event: what the recorder
// counted in headers, and what the trace as a whole lacks.
#pragma once

#include "decode/event_reader.h"
#include "decode/trace_file.h"
#include "model/profile.h"

namespace sagemem::model {

// Adds to the totals what happened after recording had stopped.
void add_late_use(Profile& profile);

// To be called when stacks and their uses are complete.
void add_anomalies(Profile& profile, const decode::TraceFile& file,
                   const decode::DecodeStats& stats);

}  // namespace sagemem::model
