// SPDX-License-Identifier: Apache-2.0
#include "report/growth.h"
#include "report/json_parts.h"
#include "report/table.h"

namespace sagemem::report {
namespace {

using analysis::GrowthRule;
using analysis::GrowthSite;

const char* rule_key(GrowthRule rule) {
  switch (rule) {
    case GrowthRule::Once:
      return "once";
    case GrowthRule::Fixed:
      return "fixed";
    case GrowthRule::Geometric:
      return "geometric";
    case GrowthRule::Irregular:
      break;
  }
  return "irregular";
}

Json json_sizes(const analysis::SizeCounts& sizes) {
  Json json;
  json["least"] = sizes.least();
  json["median"] = sizes.quantile(0.5);
  json["nine_in_ten"] = sizes.quantile(0.9);
  json["most"] = sizes.most();
  return json;
}

Json json_factors(const GrowthSite& growth) {
  Json factors = Json::array();
  for (const analysis::FactorCost& cost : growth.factors) {
    Json one;
    one["factor"] = cost.factor;
    one["calls"] = cost.calls;
    one["bytes_copied"] = cost.bytes_copied;
    one["bytes_requested"] = cost.bytes_requested;
    one["largest_bytes"] = cost.largest_bytes;
    one["spare_bytes"] = cost.spare_bytes;
    factors.push_back(std::move(one));
  }
  return factors;
}

Json json_growth_site(const Subject& subject, const GrowthSite& growth) {
  const bool has_increment = growth.increment > 0;
  const bool has_unit = growth.count > 0;
  const bool is_geometric = growth.rule == GrowthRule::Geometric;
  Json json = json_location(*subject.sites.sites[growth.site].location);
  json["stacks"] = growth.stacks;
  json["ladders"] = growth.ladders;
  json["steps"] = growth.steps;
  json["least_steps"] = growth.least_steps;
  json["most_steps"] = growth.most_steps;
  json["moves"] = growth.moves;
  json["bytes_copied"] = growth.bytes_copied;
  json["bytes_requested"] = growth.bytes_requested;
  json["rule"] = rule_key(growth.rule);
  json["increment"] = has_increment ? Json(growth.increment) : Json(nullptr);
  json["increment_count"] = has_unit ? Json(growth.count) : Json(nullptr);
  json["increment_unit"] = has_unit ? Json(growth.unit) : Json(nullptr);
  json["unit_certain"] = growth.is_unit_certain;
  json["growth_factor"] = is_geometric ? Json(growth.factor) : Json(nullptr);
  json["first_size"] = json_sizes(growth.first);
  json["last_size"] = json_sizes(growth.last);
  json["reserve_bytes"] = growth.last.most();
  json["factors"] = json_factors(growth);
  return json;
}

}  // namespace

Json growth_json(const Subject& subject) {
  const std::vector<GrowthSite> found =
      analysis::find_growth(subject.sites, subject.replay);
  Json json = json_head(subject, "growth");
  Json sites = Json::array();
  const std::size_t count = shown(subject, found.size());
  for (std::size_t i = 0; i < count; ++i) {
    sites.push_back(json_growth_site(subject, found[i]));
  }
  json["sites"] = std::move(sites);
  return json;
}

void growth_csv(Output& out, const Subject& subject) {
  Table table;
  table.columns = {{"stacks", nullptr},
                   {"ladders", nullptr},
                   {"steps", nullptr},
                   {"least_steps", nullptr},
                   {"most_steps", nullptr},
                   {"moves", nullptr},
                   {"bytes_copied", nullptr, Unit::Bytes},
                   {"bytes_requested", nullptr, Unit::Bytes},
                   {"rule", nullptr, Unit::Text},
                   {"increment", nullptr, Unit::Bytes},
                   {"reserve_bytes", nullptr, Unit::Bytes}};
  add_site_columns(table);
  for (const GrowthSite& growth :
       analysis::find_growth(subject.sites, subject.replay)) {
    std::vector<Cell> row = {
        growth.stacks,
        growth.ladders,
        growth.steps,
        growth.least_steps,
        growth.most_steps,
        growth.moves,
        growth.bytes_copied,
        growth.bytes_requested,
        std::string(rule_key(growth.rule)),
        growth.increment > 0 ? Cell(growth.increment) : Cell(),
        growth.last.most()};
    add_site_cells(row, *subject.sites.sites[growth.site].location);
    table.rows.push_back(std::move(row));
  }
  write_csv(out, table, subject);
}

}  // namespace sagemem::report
