// SPDX-License-Identifier: Apache-2.0
#include "report/json_parts.h"

namespace sagemem::report {
namespace {

using analysis::Measure;

Json json_category(const Subject& subject, std::uint32_t index) {
  const analysis::Breakdown& breakdown = subject.breakdown;
  const analysis::Category& category = breakdown.table.categories[index];
  Json json;
  json["name"] = category.name;
  add_use(json, category.use);
  const bool is_counted = !breakdown.over_time.empty();
  const model::GroupUse over_time =
      is_counted ? breakdown.over_time[index] : model::GroupUse{};
  json["own_peak_bytes"] =
      is_counted ? Json(over_time.most_bytes) : Json(nullptr);
  json["own_peak_time_ns"] =
      is_counted ? Json(over_time.most_bytes_ns) : Json(nullptr);
  const analysis::SiteTable sites = analysis::restrict_sites(
      subject.sites, subject.profile, [&](model::StackId stack) {
        return breakdown.table.category_of_stack[stack] == index;
      });
  json["sites"] =
      json_sites(subject, analysis::order_sites(sites, Measure::PeakBytes),
                 Measure::PeakBytes);
  return json;
}

Json json_limit(const analysis::LimitUse& limit) {
  Json json;
  json["name"] = limit.name;
  json["unit"] = limit.counts_blocks ? "blocks" : "bytes";
  json["limit"] = limit.limit;
  json["most"] = limit.is_counted ? Json(limit.most) : Json(nullptr);
  json["time_ns"] = limit.is_counted ? Json(limit.time_ns) : Json(nullptr);
  return json;
}

}  // namespace

Json categories_json(const Subject& subject) {
  const analysis::Breakdown& breakdown = subject.breakdown;
  Json json = json_head(subject, "categories");
  json["peak"] = json_peak(subject.profile);
  json["profile"] = breakdown.profile;
  json["told_by_order"] = breakdown.table.told_by_order;
  Json categories = Json::array();
  for (const std::uint32_t index : analysis::rank_categories(breakdown.table))
    categories.push_back(json_category(subject, index));
  json["categories"] = std::move(categories);
  Json limits = Json::array();
  for (const analysis::LimitUse& limit : breakdown.limits)
    limits.push_back(json_limit(limit));
  json["limits"] = std::move(limits);
  return json;
}

}  // namespace sagemem::report
