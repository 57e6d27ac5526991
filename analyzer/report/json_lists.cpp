// SPDX-License-Identifier: Apache-2.0
//
// The reports that are a head and a list of sites.
#include "report/json_parts.h"

namespace sagemem::report {

using analysis::Measure;

Json peak_json(const Subject& subject) {
  Json json = json_head(subject, "peak");
  json["peak"] = json_peak(subject.profile);
  json["sites"] = json_sites(
      subject, analysis::rank_sites(subject.sites, Measure::PeakBytes),
      Measure::PeakBytes);
  return json;
}

Json sites_json(const Subject& subject) {
  Json json = json_head(subject, "sites");
  json["totals"] = json_totals(subject.profile);
  json["sites"] = json_sites(
      subject, analysis::order_sites(subject.sites, Measure::BytesAllocated),
      Measure::BytesAllocated);
  return json;
}

}  // namespace sagemem::report
