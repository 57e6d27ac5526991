// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <vector>

#include "analysis/scope_trends.h"
#include "decode/scope_text.h"
#include "report/json_parts.h"
#include "report/scope_categories.h"
#include "report/scopes.h"

namespace sagemem::report {
namespace {

using analysis::ScopeGroup;
using model::Scope;
using model::ScopeId;
using model::ScopeProfile;

Json json_probe(const model::Probe& probe) {
  Json json;
  json["symbol"] = probe.symbol.empty() ? Json(nullptr) : Json(probe.symbol);
  json["method"] = std::string(decode::method_name(probe.method));
  json["reason"] = std::string(decode::reason_name(probe.reason));
  json["begins"] = (probe.roles & trace::kProbeBegins) != 0;
  json["ends"] = (probe.roles & trace::kProbeEnds) != 0;
  return json;
}

Json json_line(const analysis::Line& line) {
  Json json;
  json["intercept"] = line.intercept;
  json["slope"] = line.slope;
  json["slope_low"] = line.slope_low;
  json["slope_high"] = line.slope_high;
  return json;
}

Json json_drift(const ScopeProfile& profile, const ScopeGroup& group) {
  const auto drift = analysis::find_drift(profile, group);
  if (!drift) return nullptr;
  Json json;
  json["drifts"] = !drift->floor.is_flat();
  json["floor"] = json_line(drift->floor);
  json["resident"] =
      drift->resident ? json_line(*drift->resident) : Json(nullptr);
  return json;
}

Json json_cost(const ScopeProfile& profile, const ScopeGroup& group,
               const ScopeQuery& query) {
  const auto model =
      analysis::find_cost_model(profile, group, query.predict_key);
  if (!model) return nullptr;
  Json json;
  json["size"] = model->key;
  json["scopes"] = model->scopes;
  json["peak"] = json_line(model->peak);
  json["allocated"] = json_line(model->allocated);
  json["low_factor"] = model->low_factor;
  json["high_factor"] = model->high_factor;
  json["large_low_factor"] = model->large_low_factor;
  json["large_high_factor"] = model->large_high_factor;
  json["other_bytes"] = model->other_bytes;
  json["largest_size"] = model->largest_size;
  Json outliers = Json::array();
  for (const analysis::ScopeOutlier& one : model->outliers) {
    Json outlier;
    outlier["number"] = profile.scopes[one.scope].number;
    outlier["factor"] = one.factor;
    outliers.push_back(std::move(outlier));
  }
  json["outliers"] = std::move(outliers);
  json["predicted_bytes"] = query.predict_size
                                ? Json(model->peak_at(*query.predict_size))
                                : Json(nullptr);
  const auto within =
      query.budget_bytes
          ? model->size_within(static_cast<double>(*query.budget_bytes))
          : std::nullopt;
  json["size_within_budget"] = within ? Json(*within) : Json(nullptr);
  return json;
}

Json json_rule(const ScopeProfile& profile, const ScopeGroup& group,
               const ScopeQuery& query) {
  const model::ScopeRule& first = profile.rules[group.rules.front()];
  Json json;
  json["name"] = group.name;
  json["count"] = group.scopes.size();
  json["process_wide"] = first.is_process_wide;
  json["built_in"] = first.is_built_in;
  json["seen"] = analysis::method_text(profile, group);
  Json probes = Json::array();
  for (const std::uint32_t rule : group.rules)
    for (const model::Probe& probe : profile.rules[rule].probes)
      probes.push_back(json_probe(probe));
  json["probes"] = std::move(probes);
  json["drift"] = json_drift(profile, group);
  json["cost"] = json_cost(profile, group, query);
  return json;
}

Json json_escape(const Subject& subject, std::uint32_t site,
                 const model::Escape& sum) {
  Json json = json_location(*subject.sites.sites[site].location);
  json["blocks"] = sum.blocks;
  json["bytes"] = sum.bytes;
  json["leaked_blocks"] = sum.live_blocks;
  json["leaked_bytes"] = sum.live_bytes;
  return json;
}

// By site, those with most bytes first.
Json json_escapes(const Subject& subject,
                  const std::vector<model::Escape>& escapes) {
  std::map<std::uint32_t, model::Escape> sums;
  for (const model::Escape& one : escapes) {
    model::Escape& sum = sums[subject.sites.site_of_stack[one.stack]];
    sum.blocks += one.blocks;
    sum.bytes += one.bytes;
    sum.live_blocks += one.live_blocks;
    sum.live_bytes += one.live_bytes;
  }
  std::vector<std::pair<std::uint32_t, model::Escape>> ranked(sums.begin(),
                                                              sums.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    if (a.second.bytes != b.second.bytes)
      return a.second.bytes > b.second.bytes;
    return a.first < b.first;
  });
  Json json = Json::array();
  for (const auto& [site, sum] : ranked)
    json.push_back(json_escape(subject, site, sum));
  return json;
}

std::vector<model::Escape> escapes_of(
    const std::vector<model::Escape>& all,
    const std::vector<std::uint32_t>& owners) {
  std::vector<model::Escape> result;
  for (const model::Escape& one : all)
    if (std::find(owners.begin(), owners.end(), one.owner) != owners.end())
      result.push_back(one);
  return result;
}

Json json_held(const Subject& subject, ScopeId id) {
  std::map<std::uint32_t, model::ScopePeakUse> sums;
  for (const model::ScopePeakUse& one : subject.profile.scopes.scope_peaks) {
    if (one.scope != id) continue;
    model::ScopePeakUse& sum = sums[subject.sites.site_of_stack[one.stack]];
    sum.bytes += one.bytes;
    sum.blocks += one.blocks;
  }
  Json json = Json::array();
  for (const auto& [site, sum] : sums) {
    Json one = json_location(*subject.sites.sites[site].location);
    one["blocks"] = sum.blocks;
    one["bytes"] = sum.bytes;
    json.push_back(std::move(one));
  }
  return json;
}

Json json_categories_held(const Subject& subject, ScopeId id) {
  Json json = Json::array();
  for (const HeldByCategory& one : peak_categories(subject, id)) {
    json.push_back(
        {{"name", one.name}, {"blocks", one.blocks}, {"bytes", one.bytes}});
  }
  return json;
}

Json json_captured(const ScopeProfile& profile, const Scope& scope) {
  Json json = Json::object();
  for (const model::CapturedValue& value : profile.captured_of(scope))
    json[profile.keys[value.key]] = value.value;
  return json;
}

Json json_scope(const Subject& subject, ScopeId id) {
  const model::Profile& run = subject.profile;
  const ScopeProfile& profile = run.scopes;
  const Scope& scope = profile.scopes[id];
  const bool has_resident = scope.resident_bytes != 0;
  Json json;
  json["name"] = profile.rules[scope.rule].name;
  json["number"] = scope.number;
  json["number_captured"] = scope.has_number;
  json["captured"] = json_captured(profile, scope);
  json["tid"] = scope.thread < run.threads.size()
                    ? Json(run.threads[scope.thread].tid)
                    : Json(nullptr);
  json["ending"] = ending_key(scope);
  json["begin_ns"] = scope.begin_ns;
  json["end_ns"] = scope.end_ns;
  json["peak_bytes"] = scope.peak_bytes;
  json["total_peak_bytes"] = scope.total_peak_bytes;
  json["bytes_allocated"] = scope.allocated_bytes;
  json["allocations"] = scope.allocated_blocks;
  json["frees"] = scope.releases();
  json["escaped_blocks"] = scope.escaped_blocks;
  json["escaped_bytes"] = scope.escaped_bytes;
  json["leaked_blocks"] = scope.live_blocks;
  json["leaked_bytes"] = scope.live_bytes;
  json["floor_bytes"] = scope.floor_bytes;
  json["resident_bytes"] =
      has_resident ? Json(scope.resident_bytes) : Json(nullptr);
  json["resident_distance_ns"] =
      has_resident ? Json(scope.resident_distance_ns) : Json(nullptr);
  return json;
}

void write_list(Output& out, const Subject& subject, const ScopeQuery& query) {
  const ScopeProfile& profile = subject.profile.scopes;
  std::vector<ScopeId> watched = scopes_to_watch(profile, query, subject.top);
  std::sort(watched.begin(), watched.end());
  const std::vector<ScopeId> chosen = choose_listed_scopes(profile, query);
  const std::size_t count = shown(subject, chosen.size());
  const char* separator = "\n";
  for (std::size_t i = 0; i < count; ++i) {
    Json json = json_scope(subject, chosen[i]);
    if (std::binary_search(watched.begin(), watched.end(), chosen[i])) {
      json["escaped_sites"] =
          json_escapes(subject, escapes_of(profile.scope_escapes, {chosen[i]}));
      json["peak_sites"] = json_held(subject, chosen[i]);
      json["peak_categories"] = json_categories_held(subject, chosen[i]);
    }
    out.write(separator + to_line(json));
    separator = ",\n";
  }
}

}  // namespace

// One document, the long list last.
void print_scopes_json(Output& out, const Subject& subject) {
  const ScopeQuery& query = subject.query.scopes;
  const ScopeProfile& profile = subject.profile.scopes;
  Json head = json_head(subject, "scopes");
  head["unmatched_ends"] = profile.unmatched_ends;
  head["unmatched_notes"] = profile.unmatched_notes;
  head["too_deep"] = profile.too_deep;
  Json rules = Json::array();
  for (const ScopeGroup& group : analysis::group_scopes(profile)) {
    Json rule = json_rule(profile, group, query);
    rule["escaped_sites"] =
        json_escapes(subject, escapes_of(profile.escapes, group.rules));
    rules.push_back(std::move(rule));
  }
  head["rules"] = std::move(rules);
  Json snapshots = Json::array();
  for (const model::Snapshot& one : profile.snapshots) {
    Json snapshot;
    snapshot["label"] = one.label;
    snapshot["time_ns"] = one.time_ns;
    snapshot["live_bytes"] = one.live_bytes;
    snapshots.push_back(std::move(snapshot));
  }
  head["snapshots"] = std::move(snapshots);
  std::string text = to_line(head);
  text.pop_back();  // the brace that closes the head
  out.write(text + ",\"scopes\":[");
  write_list(out, subject, query);
  out.write("\n]}\n");
}

}  // namespace sagemem::report
