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

Json json_scope_name(const Subject& subject, model::ScopeId id) {
  if (id == model::kNoScope) return nullptr;
  const model::ScopeProfile& scopes = subject.profile.scopes;
  Json json;
  json["name"] = scopes.rules[scopes.scopes[id].rule].name;
  json["number"] = scopes.scopes[id].number;
  return json;
}

Json json_limit(const Subject& subject, const analysis::LimitUse& limit) {
  Json json;
  json["name"] = limit.name;
  json["unit"] = limit.counts_blocks ? "blocks" : "bytes";
  json["limit"] = limit.limit;
  json["most"] = limit.is_counted ? Json(limit.most) : Json(nullptr);
  json["time_ns"] = limit.is_counted ? Json(limit.time_ns) : Json(nullptr);
  json["scope"] = json_scope_name(subject, limit.scope);
  return json;
}

Json json_label_value(const Subject& subject,
                      const analysis::LabelValue& value) {
  Json json;
  json["value"] = value.value;
  json["name"] = value.name;
  json["allocations"] = value.allocated_blocks;
  json["bytes_allocated"] = value.allocated_bytes;
  json["peak_bytes"] = value.peak_bytes;
  json["peak_blocks"] = value.peak_blocks;
  json["own_peak_bytes"] =
      value.own_peak_bytes ? Json(*value.own_peak_bytes) : Json(nullptr);
  json["leaked_bytes"] = value.live_bytes;
  json["leaked_blocks"] = value.live_blocks;
  Json parts = Json::array();
  for (const analysis::LabelPart& part : value.parts) {
    Json one;
    one["name"] = subject.breakdown.table.categories[part.category].name;
    one["bytes_allocated"] = part.allocated_bytes;
    one["peak_bytes"] = part.peak_bytes;
    parts.push_back(std::move(one));
  }
  json["categories"] = std::move(parts);
  return json;
}

Json json_label(const Subject& subject, const analysis::Label& label) {
  Json json;
  json["name"] = label.name;
  Json values = Json::array();
  for (const analysis::LabelValue& value : label.values)
    values.push_back(json_label_value(subject, value));
  json["values"] = std::move(values);
  return json;
}

}  // namespace

Json json_limits(const Subject& subject) {
  Json limits = Json::array();
  for (const analysis::LimitUse& limit : subject.breakdown.limits)
    limits.push_back(json_limit(subject, limit));
  return limits;
}

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
  json["limits"] = json_limits(subject);
  Json labels = Json::array();
  for (const analysis::Label& label : breakdown.labels)
    labels.push_back(json_label(subject, label));
  json["labels"] = std::move(labels);
  return json;
}

}  // namespace sagemem::report
