// SPDX-License-Identifier: Apache-2.0
#include "analysis/reuse.h"
#include "report/json_parts.h"
#include "report/reuse.h"
#include "report/table.h"

namespace sagemem::report {
namespace {

using analysis::Held;
using analysis::ReuseKind;
using analysis::ReuseResult;

Json json_held(const Held& held) {
  Json json;
  json["held_bytes"] = held.bytes;
  json["live_bytes"] = held.live_bytes;
  json["fragmentation"] = held.fragmentation();
  return json;
}

Json json_error(const Subject& subject, const analysis::ModelError& error) {
  if (error.samples == 0) return nullptr;
  Json json;
  json["samples"] = error.samples;
  json["time_ns"] = shown_time(subject, error.time_ns);
  json["measured_bytes"] = error.measured_bytes;
  json["modelled_bytes"] = error.modelled_bytes;
  json["error"] = error.share();
  return json;
}

Json json_result(const Subject& subject, const ReuseResult& result) {
  const analysis::ReuseChoice& choice = result.choice;
  const bool is_pool = choice.kind == ReuseKind::Pool;
  Json json;
  json["use"] = is_pool ? "pool" : "arena";
  json["block_bytes"] = is_pool ? Json(choice.block_bytes) : Json(nullptr);
  json["scope"] = is_pool ? Json(nullptr) : Json(choice.scope);
  json["blocks"] = choice.blocks;
  json["bytes"] = choice.bytes;
  json["calls_now"] = result.calls_now;
  json["calls_then"] = result.calls_then;
  json.update(json_held(result.held));
  Json places = Json::array();
  for (const std::uint32_t site : choice.sites) {
    places.push_back(json_location(*subject.sites.sites[site].location));
  }
  json["places"] = std::move(places);
  return json;
}

analysis::Reuse simulate(const Subject& subject) {
  return analysis::simulate_reuse(
      subject.profile, subject.sites,
      analysis::find_reuse_choices(subject.profile, subject.sites,
                                   subject.replay),
      subject.replay);
}

}  // namespace

// One row for each site of a choice, which their rank joins.
void reuse_csv(Output& out, const Subject& subject) {
  Table table;
  table.columns = {{"rank", nullptr},
                   {"use", nullptr, Unit::Text},
                   {"block_bytes", nullptr, Unit::Bytes},
                   {"scope", nullptr, Unit::Text},
                   {"blocks", nullptr},
                   {"bytes", nullptr, Unit::Bytes},
                   {"calls_now", nullptr},
                   {"calls_then", nullptr},
                   {"held_bytes", nullptr, Unit::Bytes},
                   {"live_bytes", nullptr, Unit::Bytes}};
  add_site_columns(table);
  std::uint64_t rank = 0;
  for (const ReuseResult& result : simulate(subject).results) {
    const analysis::ReuseChoice& choice = result.choice;
    const bool is_pool = choice.kind == ReuseKind::Pool;
    ++rank;
    for (const std::uint32_t site : choice.sites) {
      std::vector<Cell> row = {rank,
                               std::string(is_pool ? "pool" : "arena"),
                               is_pool ? Cell(choice.block_bytes) : Cell(),
                               is_pool ? Cell() : Cell(choice.scope),
                               choice.blocks,
                               choice.bytes,
                               result.calls_now,
                               result.calls_then,
                               result.held.bytes,
                               result.held.live_bytes};
      add_site_cells(row, *subject.sites.sites[site].location);
      table.rows.push_back(std::move(row));
    }
  }
  write_csv(out, table, subject);
}

Json reuse_json(const Subject& subject) {
  const analysis::Reuse reuse = simulate(subject);
  Json json = json_head(subject, "reuse");
  json["present"] = json_held(reuse.present);
  json["model_error"] = json_error(subject, reuse.error);
  json["slab"] = json_held(reuse.slab);
  Json choices = Json::array();
  const std::size_t count = shown(subject, reuse.results.size());
  for (std::size_t i = 0; i < count; ++i) {
    choices.push_back(json_result(subject, reuse.results[i]));
  }
  json["choices"] = std::move(choices);
  return json;
}

}  // namespace sagemem::report
