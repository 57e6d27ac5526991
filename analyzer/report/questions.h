// SPDX-License-Identifier: Apache-2.0
//
// The reports that answer one question with tables, each in a file of its name.
#pragma once

#include "report/json.h"
#include "report/output.h"
#include "report/page.h"
#include "report/subject.h"

namespace sagemem::report {

// What each thread allocated, and for whom.
void print_threads(Page& page, const Subject& subject);
[[nodiscard]] Json threads_json(const Subject& subject);
void threads_csv(Output& out, const Subject& subject);

// The memory by the modules that asked for it.
void print_modules(Page& page, const Subject& subject);
[[nodiscard]] Json modules_json(const Subject& subject);
void modules_csv(Output& out, const Subject& subject);

// Blocks by size.
void print_sizes(Page& page, const Subject& subject);
[[nodiscard]] Json sizes_json(const Subject& subject);
void sizes_csv(Output& out, const Subject& subject);

// How long blocks lived.
void print_lifetimes(Page& page, const Subject& subject);
[[nodiscard]] Json lifetimes_json(const Subject& subject);
void lifetimes_csv(Output& out, const Subject& subject);

// Blocks released before their thread's next allocation.
void print_temporary(Page& page, const Subject& subject);
[[nodiscard]] Json temporary_json(const Subject& subject);
void temporary_csv(Output& out, const Subject& subject);

// How many blocks were live at once.
void print_blocks(Page& page, const Subject& subject);
[[nodiscard]] Json blocks_json(const Subject& subject);
void blocks_csv(Output& out, const Subject& subject);

// What was live at a moment.
void print_at(Page& page, const Subject& subject);
[[nodiscard]] Json at_json(const Subject& subject);
void at_csv(Output& out, const Subject& subject);

// What was kept, released and passed through between two moments.
void print_between(Page& page, const Subject& subject);
[[nodiscard]] Json between_json(const Subject& subject);
void between_csv(Output& out, const Subject& subject);

}  // namespace sagemem::report
