// SPDX-License-Identifier: Apache-2.0
//
// The lists of the older reports as CSV.
#pragma once

#include "report/output.h"
#include "report/subject.h"

namespace sagemem::report {

void peak_csv(Output& out, const Subject& subject);
void leaks_csv(Output& out, const Subject& subject);
void sites_csv(Output& out, const Subject& subject);
// The sites too, by what they held at the peak.
void summary_csv(Output& out, const Subject& subject);
void categories_csv(Output& out, const Subject& subject);
void scopes_csv(Output& out, const Subject& subject);
// The modules.
void info_csv(Output& out, const Subject& subject);

}  // namespace sagemem::report
