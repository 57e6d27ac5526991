// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report diff OLD NEW`: two subjects beside each other.
#pragma once

#include "analysis/diff.h"
#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// Both runs, and what was found to be different between them.  The subjects
// outlive it.
struct DiffSubject {
  const Subject& before;
  const Subject& after;
  analysis::Diff diff;
};

[[nodiscard]] DiffSubject compare(const Subject& before, const Subject& after);

void print_diff(Page& page, const DiffSubject& subject);
[[nodiscard]] Json diff_json(const DiffSubject& subject);
// The sites.
void diff_csv(Output& out, const DiffSubject& subject);

}  // namespace sagemem::report
