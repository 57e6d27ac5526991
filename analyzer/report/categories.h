// SPDX-License-Identifier: Apache-2.0
//
// The memory by parts of the program.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_categories(Page& page, const Subject& subject);

// One field: the shares of the peak, largest first.
void print_categories_briefly(Page& page, const Subject& subject);

// One field for each limit that the program came near to.
void print_near_limits(Page& page, const Subject& subject);

}  // namespace sagemem::report
