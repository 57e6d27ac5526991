// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report info`: everything that a trace says about itself and the
// process, and nothing about the heap.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_info(Page& page, const Subject& subject);

}  // namespace sagemem::report
