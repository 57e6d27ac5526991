// SPDX-License-Identifier: Apache-2.0
//
// What the services that host repositories show beside the lines of a change.
#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "gate/outputs.h"
#include "gate/wording.h"
#include "report/json.h"
#include "report/text.h"

namespace sagemem::gate {
namespace {

using report::Json;

// Of the documentation of workflow commands: what ends a message or a property
// is written as in URLs.
std::string escaped(const std::string& text, bool is_property) {
  std::string result;
  for (const char c : text) {
    const bool is_special = c == '%' || c == '\r' || c == '\n' ||
                            (is_property && (c == ':' || c == ','));
    result += is_special ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                         : std::string(1, c);
  }
  return result;
}

// A name from a trace must not clear the terminal of who reads the raw log.
std::string harmless(const std::string& text) {
  std::string result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) result += '\n';
    result += report::printable(
        std::string_view(text).substr(begin, end - begin), true);
    begin = end + 1;
  }
  return result;
}

bool is_shown(const RuleVerdict& verdict) {
  return verdict.outcome == Outcome::Broken ||
         verdict.outcome == Outcome::Undecided;
}

// One that stays the same as long as the rule and the place do.
std::string fingerprint(const std::string& name, const SourcePlace& place) {
  const std::string text = name + '\0' + place.file;
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

Json quality_entry(const std::string& name, const std::string& description,
                   const std::string& print, Severity severity,
                   const SourcePlace& place) {
  Json json;
  json["description"] = description;
  json["check_name"] = name;
  json["fingerprint"] = print;
  json["severity"] = severity == Severity::Error ? "major" : "minor";
  json["location"]["path"] = place.file;
  json["location"]["lines"]["begin"] = place.line;
  return json;
}

}  // namespace

std::string to_github(const Verdicts& verdicts, SourcePaths& paths) {
  std::string text;
  for (const Verdict& verdict : verdicts) {
    if (const std::string problem = verdict.problem(); !problem.empty()) {
      text +=
          fmt::format("::error title=sagemem::{}\n",
                      escaped(harmless(verdict.trace + ": " + problem), false));
    }
    for (const RuleVerdict& one : verdict.rules) {
      if (!is_shown(one)) continue;
      const SourcePlace place = place_of(one, paths);
      text += fmt::format(
          "::{} file={},line={},title={}::{}\n",
          severity_key(one.rule->severity), escaped(harmless(place.file), true),
          place.line, escaped(harmless("sagemem: " + one.rule->name), true),
          escaped(harmless(message_of(one) + "\n" + details_text(one)), false));
    }
  }
  return text;
}

std::string to_gitlab(const Verdicts& verdicts, SourcePaths& paths) {
  Json list = Json::array();
  for (const Verdict& verdict : verdicts) {
    if (const std::string problem = verdict.problem(); !problem.empty()) {
      const SourcePlace place = place_in_rules({}, paths);
      list.push_back(quality_entry("sagemem", verdict.trace + ": " + problem,
                                   fingerprint(verdict.trace, place),
                                   Severity::Error, place));
    }
    for (const RuleVerdict& one : verdict.rules) {
      if (!is_shown(one)) continue;
      const SourcePlace place = place_of(one, paths);
      list.push_back(quality_entry(
          one.rule->name,
          fmt::format("{}: {}", one.rule->name, message_of(one)),
          fingerprint(one.rule->name, place), one.rule->severity, place));
    }
  }
  return report::to_text(list);
}

}  // namespace sagemem::gate
