// SPDX-License-Identifier: Apache-2.0
//
// A verdict for each of its readers.  A new output is a function here, an
// option in cli/check_options.cpp and a line in sagemem-report(1).
#pragma once

#include <string>
#include <vector>

#include "gate/source_paths.h"
#include "gate/verdict.h"
#include "report/page.h"

namespace sagemem::gate {

using Verdicts = std::vector<Verdict>;

// For a person who reads the log of a CI job.
void print_verdicts(report::Page& page, const Verdicts& verdicts);
// gate/schema/check.schema.json
[[nodiscard]] std::string to_json(const Verdicts& verdicts);
// Jenkins' JUnit XML: a suite for each trace, a case for each rule.
[[nodiscard]] std::string to_junit(const Verdicts& verdicts);
// SARIF 2.1.0, OASIS: a result for each rule that does not hold.
[[nodiscard]] std::string to_sarif(const Verdicts& verdicts,
                                   SourcePaths& paths);
// Workflow commands of GitHub Actions: ::error file=..,line=..::message
[[nodiscard]] std::string to_github(const Verdicts& verdicts,
                                    SourcePaths& paths);
// GitLab's Code Quality report, of Code Climate's format.
[[nodiscard]] std::string to_gitlab(const Verdicts& verdicts,
                                    SourcePaths& paths);
// For a comment under a pull request: verdicts, and figures before and after.
[[nodiscard]] std::string to_markdown(const Verdicts& verdicts);

}  // namespace sagemem::gate
