// SPDX-License-Identifier: Apache-2.0
//
// The leaks of a subject by class, after the suppressions that it asks for and,
// where a scan tells classes apart, those that are built in.
#pragma once

#include <string>
#include <vector>

#include "analysis/leak_report.h"
#include "report/json.h"
#include "report/page.h"
#include "report/subject.h"
#include "rules/suppressions.h"

namespace sagemem::report {

struct LeakFacts {
  std::vector<rules::Suppression> suppressions;
  analysis::LeakReport report;

  // There is more to say than how much was never released.
  [[nodiscard]] bool has_classes() const {
    return report.was_asked || !suppressions.empty();
  }
};

// Throws std::system_error for a file of suppressions that can not be read.
[[nodiscard]] LeakFacts find_leak_facts(const Subject& subject);

// "lost", "indirectly_lost", "still_reachable", "not_scanned"
[[nodiscard]] const char* class_key(model::LeakClass which);
// "Lost", ...
[[nodiscard]] const char* class_label(model::LeakClass which);
// In the order in which they are told.
[[nodiscard]] std::vector<model::LeakClass> all_classes();

// A line for each class that there is, and why some were not scanned.
void print_leak_facts(Page& page, const Subject& subject,
                      const LeakFacts& facts);
// What each suppression hid, and those that hid nothing.
void print_suppressions(Page& page, const LeakFacts& facts);

// {"complete", "outcome", "threads", ...}; null: none was asked for.
[[nodiscard]] Json json_scan(const model::Profile& profile);
[[nodiscard]] Json json_suppressed(const LeakFacts& facts);

// In valgrind's language, what would suppress all that is lost.
[[nodiscard]] std::string suppressions_for(const Subject& subject,
                                           const LeakFacts& facts);

}  // namespace sagemem::report
