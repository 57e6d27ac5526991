// SPDX-License-Identifier: Apache-2.0
#include "gate/outputs.h"
#include "gate/wording.h"
#include "report/json_parts.h"

namespace sagemem::gate {
namespace {

using report::Json;

const char* unit_key(Unit unit) {
  switch (unit) {
    case Unit::Number:
      return "number";
    case Unit::Ratio:
      return "ratio";
    case Unit::Count:
      return "count";
    case Unit::Bytes:
      return "bytes";
    case Unit::Time:
      return "ns";
    case Unit::Percent:
      return "percent";
  }
  return "";
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

// Whole numbers as such.
Json json_number(double value) {
  constexpr double kMostExact = 9e15;
  if (value > -kMostExact && value < kMostExact) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return whole;
  }
  return value;
}

Json json_band(const std::optional<Band>& band) {
  if (!band) return nullptr;
  return {{"low", json_number(band->low)},
          {"middle", json_number(band->middle)},
          {"high", json_number(band->high)}};
}

Json json_value(const std::optional<double>& value) {
  return value ? json_number(*value) : Json(nullptr);
}

Json json_site(const SiteEvidence& site) {
  Json json;
  json["function"] = site.function;
  json["file"] = text_or_null(site.file);
  json["line"] = site.line != 0 ? Json(site.line) : Json(nullptr);
  json["module"] = text_or_null(site.module);
  json["source"] = text_or_null(site.source);
  json["bytes"] = site.has_bytes ? Json(site.bytes) : Json(nullptr);
  json["blocks"] = site.blocks;
  json["change"] = site.is_change;
  json["new"] = site.is_new;
  return json;
}

Json json_finding(const Finding& finding) {
  Json json;
  json["check"] = finding.text;
  json["figure"] = finding.subject;
  json["unit"] = unit_key(finding.unit);
  json["value"] = json_value(finding.value);
  json["bound"] = json_band(finding.bound);
  json["expected"] = finding.expected;
  json["got"] = text_or_null(finding.got);
  json["sites"] = Json::array();
  for (const SiteEvidence& site : finding.sites)
    json["sites"].push_back(json_site(site));
  json["other_sites"] = finding.other_sites;
  json["scope"] = text_or_null(finding.scope_name);
  json["scopes"] = Json::array();
  for (const ScopeEvidence& one : finding.scopes) {
    json["scopes"].push_back(
        {{"number", one.number}, {"value", json_number(one.value)}});
  }
  json["other_scopes"] = finding.other_scopes;
  return json;
}

Json json_rule(const RuleVerdict& verdict) {
  const Rule& rule = *verdict.rule;
  Json json;
  json["name"] = rule.name;
  json["severity"] = severity_key(rule.severity);
  json["outcome"] = outcome_key(verdict.outcome);
  json["checks"] = Json::array();
  for (const Check& check : rule.checks)
    json["checks"].push_back(check.expression.text);
  json["hint"] = text_or_null(rule.hint);
  json["rules_file"] = text_or_null(rule.place.file);
  json["rules_line"] =
      rule.place.line != 0 ? Json(rule.place.line) : Json(nullptr);
  json["why"] = text_or_null(verdict.why);
  json["findings"] = Json::array();
  for (const Finding& one : verdict.findings)
    json["findings"].push_back(json_finding(one));
  return json;
}

Json json_suppression(const SuppressionEvidence& one) {
  Json json;
  json["name"] = one.name;
  json["file"] = text_or_null(one.file);
  json["line"] = one.line;
  json["reason"] = text_or_null(one.reason);
  json["stacks"] = one.stacks;
  json["blocks"] = one.blocks;
  json["bytes"] = one.bytes;
  return json;
}

Json json_change(const Change& change) {
  Json json;
  json["figure"] = change.figure;
  json["unit"] = unit_key(change.unit);
  json["before"] = json_band(change.before);
  json["after"] = json_value(change.after);
  return json;
}

Json json_trace(const Verdict& verdict) {
  Json json;
  json["trace"] = text_or_null(verdict.trace);
  json["command"] = text_or_null(verdict.command);
  json["end"] = text_or_null(verdict.end);
  json["error"] = text_or_null(verdict.error);
  json["complete"] = verdict.gaps.empty() && verdict.error.empty();
  json["gaps"] = verdict.gaps;
  json["rules"] = Json::array();
  for (const RuleVerdict& one : verdict.rules)
    json["rules"].push_back(json_rule(one));
  json["changes"] = Json::array();
  for (const Change& one : verdict.changes)
    json["changes"].push_back(json_change(one));
  json["suppressions"] = Json::array();
  for (const SuppressionEvidence& one : verdict.suppressions)
    json["suppressions"].push_back(json_suppression(one));
  return json;
}

}  // namespace

std::string to_json(const Verdicts& verdicts) {
  Json json = report::json_schema("check");
  json["exit_code"] = exit_code(verdicts);
  json["traces"] = Json::array();
  for (const Verdict& one : verdicts) json["traces"].push_back(json_trace(one));
  return report::to_text(json);
}

}  // namespace sagemem::gate
