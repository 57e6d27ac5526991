// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report sites`: every allocation site with all that is known of it,
// those that allocated most first.
#pragma once

#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_sites(Page& page, const Subject& subject);

}  // namespace sagemem::report
