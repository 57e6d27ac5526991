// SPDX-License-Identifier: Apache-2.0
#include "analysis/size_classes.h"
#include "report/json_parts.h"

namespace sagemem::report {
namespace {

Json json_sizes(const model::Profile& profile) {
  Json sizes = Json::array();
  for (const analysis::SizeClass& one : analysis::size_classes(profile)) {
    Json size;
    size["low"] = one.low;
    size["high"] = one.high;
    size["allocations"] = one.allocations;
    size["bytes"] = one.bytes;
    sizes.push_back(std::move(size));
  }
  return sizes;
}

Json json_timeline(const model::Profile& profile) {
  Json timeline = Json::array();
  for (const model::TimePoint& point : profile.timeline) {
    Json one;
    one["time_ns"] = point.time_ns;
    one["max_bytes"] = point.max_bytes;
    one["resident_bytes"] = point.resident_bytes;
    timeline.push_back(std::move(one));
  }
  return timeline;
}

}  // namespace

Json summary_json(const Subject& subject) {
  const model::Profile& profile = subject.profile;
  Json json = json_head(subject, "summary");
  json["totals"] = json_totals(profile);
  json["peak"] = json_peak(profile);
  json["leaked"] = json_leaked(profile);
  json["temporary"]["count"] = profile.totals.temporary;
  json["lost"] = json_lost(profile);
  json["anomalies"] = json_anomalies(profile);
  json["notices"] = json_notices(profile);
  json["sizes"] = json_sizes(profile);
  json["threads"] = json_threads(profile);
  json["mapped"] = json_mapped(profile);
  json["timeline"] = json_timeline(profile);
  const auto by = analysis::Measure::PeakBytes;
  json["sites"] =
      json_sites(subject, analysis::order_sites(subject.sites, by), by);
  return json;
}

}  // namespace sagemem::report
