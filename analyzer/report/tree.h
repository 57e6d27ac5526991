// SPDX-License-Identifier: Apache-2.0
//
// The call tree.  A chain of functions that each do nothing but call the next
// is one row:
//
//    share    at peak   own peak
//  100.0 %   42.1 MiB   42.1 MiB  main > run_sage > sage_per_forest  sage.c:70
//   55.2 %   23.2 MiB   38.0 MiB    construct_galaxies     build_model.c:215
#pragma once

#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

void print_tree(Page& page, const Subject& subject);
[[nodiscard]] Json tree_json(const Subject& subject);
void tree_csv(Output& out, const Subject& subject);

}  // namespace sagemem::report
