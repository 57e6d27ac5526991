// SPDX-License-Identifier: Apache-2.0
//
// What pools and arenas would save, from models of allocators.
#pragma once

#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_reuse(Page& page, const Subject& subject);
[[nodiscard]] Json reuse_json(const Subject& subject);
void reuse_csv(Output& out, const Subject& subject);

}  // namespace sagemem::report
