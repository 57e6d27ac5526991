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
std::string fingerprint(const RuleVerdict& verdict, const SourcePlace& place) {
  const std::string text = verdict.rule->name + '\0' + place.file;
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

std::string to_github(const Verdicts& verdicts, SourcePaths& paths) {
  std::string text;
  for (const Verdict& verdict : verdicts) {
    if (!verdict.error.empty()) {
      text += fmt::format(
          "::error title=sagemem::{}\n",
          escaped(harmless(verdict.trace + ": " + verdict.error), false));
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
    for (const RuleVerdict& one : verdict.rules) {
      if (!is_shown(one)) continue;
      const SourcePlace place = place_of(one, paths);
      Json json;
      json["description"] =
          fmt::format("{}: {}", one.rule->name, message_of(one));
      json["check_name"] = one.rule->name;
      json["fingerprint"] = fingerprint(one, place);
      json["severity"] =
          one.rule->severity == Severity::Error ? "major" : "minor";
      json["location"]["path"] = place.file;
      json["location"]["lines"]["begin"] = std::max(place.line, 1u);
      list.push_back(std::move(json));
    }
  }
  return report::to_text(list);
}

}  // namespace sagemem::gate
