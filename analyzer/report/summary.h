// SPDX-License-Identifier: Apache-2.0
//
// The report that comes without asking: the first screen answers where the
// memory went and whether to believe it, what follows has the details.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_summary(Page& page, const Subject& subject);

// The highest point of the heap and the curve that leads there; `peak` begins
// with it as well.
void print_peak_facts(Page& page, const Subject& subject);

}  // namespace sagemem::report
