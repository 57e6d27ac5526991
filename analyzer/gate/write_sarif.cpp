// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "gate/outputs.h"
#include "gate/wording.h"
#include "report/json.h"

namespace sagemem::gate {
namespace {

using report::Json;

constexpr char kSchema[] = "https://json.schemastore.org/sarif-2.1.0.json";

// SARIF 2.1.0, 3.27.10.  What can not be told must not pass for a note.
const char* level_of(const RuleVerdict& verdict) {
  return verdict.rule->severity == Severity::Error ? "error" : "warning";
}

// A relative reference of RFC 3986.
std::string uri_of(const std::string& path) {
  constexpr char kHexadecimal[] = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
        (c >= 'A' && c <= 'Z') ||
        std::string_view("/-._~+").find(c) != std::string_view::npos;
    if (is_plain) {
      uri += c;
    } else {
      uri += '%';
      uri += kHexadecimal[byte >> 4];
      uri += kHexadecimal[byte & 15];
    }
  }
  return uri;
}

Json json_location(const SourcePlace& place) {
  Json json;
  json["physicalLocation"]["artifactLocation"]["uri"] = uri_of(place.file);
  if (place.line != 0)
    json["physicalLocation"]["region"]["startLine"] = place.line;
  return json;
}

// The other sites, with what each has.
Json related_locations(const RuleVerdict& verdict, SourcePaths& paths) {
  Json list = Json::array();
  for (const Finding& finding : verdict.findings) {
    for (const SiteEvidence& site : finding.sites) {
      if (site.file.empty() || site.line == 0) continue;
      Json json = json_location({paths.relative(site.file), site.line, 1});
      json["message"]["text"] = site.function;
      list.push_back(std::move(json));
    }
  }
  return list;
}

Json json_result(const RuleVerdict& verdict, SourcePaths& paths) {
  const Rule& rule = *verdict.rule;
  Json json;
  json["ruleId"] = rule.name;
  json["level"] = level_of(verdict);
  json["message"]["text"] = message_of(verdict) + "\n" + details_text(verdict);
  const SourcePlace place = place_of(verdict, paths);
  json["locations"] = Json::array({json_location(place)});
  Json related = related_locations(verdict, paths);
  if (!related.empty()) json["relatedLocations"] = std::move(related);
  // The same finding in the next run, whatever moved above it.
  json["partialFingerprints"]["sagememRule/v1"] = rule.name + " " + place.file;
  return json;
}

Json json_rules(const Verdicts& verdicts) {
  Json list = Json::array();
  std::set<std::string> known;
  for (const Verdict& verdict : verdicts) {
    for (const RuleVerdict& one : verdict.rules) {
      const Rule& rule = *one.rule;
      if (!known.insert(rule.name).second) continue;
      Json json;
      json["id"] = rule.name;
      json["shortDescription"]["text"] = rule.name;
      if (!rule.hint.empty()) json["help"]["text"] = rule.hint;
      json["defaultConfiguration"]["level"] = severity_key(rule.severity);
      list.push_back(std::move(json));
    }
  }
  return list;
}

Json json_notification(const Verdict& verdict) {
  Json json;
  json["level"] = "error";
  json["message"]["text"] = verdict.trace + ": " + verdict.problem();
  return json;
}

}  // namespace

std::string to_sarif(const Verdicts& verdicts, SourcePaths& paths) {
  Json run;
  run["tool"]["driver"]["name"] = "sagemem";
  run["tool"]["driver"]["rules"] = json_rules(verdicts);
  Json invocation;
  invocation["executionSuccessful"] = true;
  Json notifications = Json::array();
  run["results"] = Json::array();
  for (const Verdict& verdict : verdicts) {
    if (!verdict.problem().empty()) {
      invocation["executionSuccessful"] = false;
      notifications.push_back(json_notification(verdict));
    }
    for (const RuleVerdict& one : verdict.rules) {
      if (one.outcome == Outcome::Broken || one.outcome == Outcome::Undecided)
        run["results"].push_back(json_result(one, paths));
    }
  }
  if (!notifications.empty())
    invocation["toolExecutionNotifications"] = std::move(notifications);
  run["invocations"] = Json::array({std::move(invocation)});
  Json json;
  json["$schema"] = kSchema;
  json["version"] = "2.1.0";
  json["runs"] = Json::array({std::move(run)});
  return report::to_text(json);
}

}  // namespace sagemem::gate
