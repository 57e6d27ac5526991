// SPDX-License-Identifier: Apache-2.0
//
// Parts of a report about what a process consists of beside its heap: threads,
// children, mapped memory.  Each prints nothing where there is nothing to say.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_thread_list(Page& page, const Subject& subject);
void print_processes(Page& page, const Subject& subject);
void print_mapped(Page& page, const Subject& subject);

}  // namespace sagemem::report
