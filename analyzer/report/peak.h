// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report peak`: the heap at its highest point, and who held it.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_peak(Page& page, const Subject& subject);

}  // namespace sagemem::report
