// SPDX-License-Identifier: Apache-2.0
//
// Takes out of a profile what the system chose for one run, and what depends on
// how fast it was: times, ids of processes and threads, the host, the resident
// set, the size of the trace, addresses.  What is left follows from the
// program and its input: two runs of it give equal reports, if it is itself
// deterministic in what it allocates.
//
// To be done last: what was at which time can not be asked any more.
#pragma once

#include "analysis/breakdown.h"
#include "model/profile.h"

namespace sagemem::analysis {

void mask_run(model::Profile& profile);
void mask_run(Breakdown& breakdown);

}  // namespace sagemem::analysis
