// SPDX-License-Identifier: Apache-2.0
//
// The objects that several JSON reports share.
#pragma once

#include <vector>

#include "analysis/ranking.h"
#include "report/json.h"

namespace sagemem::report {

// {"schema": {"name": "sagemem.REPORT", "version": 1}}
[[nodiscard]] Json json_schema(const char* report);

// The keys that begin every report about a replayed trace: schema, trace,
// exact, process, end, recording, and filter where there is one.
[[nodiscard]] Json json_head(const Subject& subject, const char* report);

[[nodiscard]] Json json_location(const symbolize::Location& location);
[[nodiscard]] Json json_totals(const model::Profile& profile);
[[nodiscard]] Json json_peak(const model::Profile& profile);
[[nodiscard]] Json json_leaked(const model::Profile& profile);
[[nodiscard]] Json json_lost(const model::Profile& profile);
[[nodiscard]] Json json_anomalies(const model::Profile& profile);
[[nodiscard]] Json json_notices(const model::Profile& profile);
[[nodiscard]] Json json_threads(const model::Profile& profile);
[[nodiscard]] Json json_mapped(const model::Profile& profile);
[[nodiscard]] Json json_limits(const Subject& subject);
// What a stack, a site or a category did.
void add_use(Json& json, const model::StackUse& use);
// The first `subject.top` of them; with call stacks when it asks for those.
[[nodiscard]] Json json_sites(const Subject& subject,
                              const std::vector<const analysis::Site*>& ranked,
                              analysis::Measure by);

}  // namespace sagemem::report
