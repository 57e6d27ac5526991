// SPDX-License-Identifier: Apache-2.0
//
// Which blocks a report is about, when it is not about all.
#pragma once

#include "report/json.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_filter(Page& page, const Subject& subject);
// By kind of condition, each a list; only those that are given.
[[nodiscard]] Json json_filter(const Subject& subject);

}  // namespace sagemem::report
