// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report leaks`: blocks that were never released, counted as blocks: a
// realloc chain of a thousand calls that leaves one block leaks one block.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_leaks(Page& page, const Subject& subject);

}  // namespace sagemem::report
