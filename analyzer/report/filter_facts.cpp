// SPDX-License-Identifier: Apache-2.0
#include "report/filter_facts.h"

#include <fmt/format.h>

#include <limits>

#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::BlockQuery;

std::string scope_text(const analysis::ScopeName& scope) {
  return fmt::format("{}={}", scope.rule, scope.number);
}

template <typename Number, typename Format>
std::string range_text(const model::Range<Number>& range,
                       const Format& format) {
  if (range.low == range.high) return format(range.low);
  if (range.high == std::numeric_limits<Number>::max())
    return fmt::format("{} and more", format(range.low));
  return fmt::format("{} to {}", format(range.low), format(range.high));
}

template <typename List, typename Format>
std::string list_text(const char* kind, const List& list,
                      const Format& format) {
  std::string text = kind;
  for (std::size_t i = 0; i < list.size(); ++i)
    text += (i == 0 ? " " : " or ") + format(list[i]);
  return text;
}

template <typename Number>
Json json_ranges(const std::vector<model::Range<Number>>& ranges) {
  Json list = Json::array();
  for (const auto& range : ranges) {
    Json one;
    one["low"] = range.low;
    one["high"] = range.high == std::numeric_limits<Number>::max()
                      ? Json(nullptr)
                      : Json(range.high);
    list.push_back(std::move(one));
  }
  return list;
}

// The conditions that are lists of texts, in the order of --help.
struct TextKind {
  const char* name;
  const char* key;
  const std::vector<std::string> BlockQuery::*list;
};
constexpr TextKind kTextKinds[] = {
    {"category", "categories", &BlockQuery::categories},
    {"thread", "threads", &BlockQuery::threads},
    {"function", "functions", &BlockQuery::functions},
    {"file", "files", &BlockQuery::files},
    {"module", "modules", &BlockQuery::modules},
    {"within", "within", &BlockQuery::within},
};

}  // namespace

void print_filter(Page& page, const Subject& subject) {
  const BlockQuery& query = subject.query.blocks;
  if (query.is_empty()) return;
  std::vector<std::string> parts;
  for (const TextKind& kind : kTextKinds) {
    if ((query.*kind.list).empty()) continue;
    parts.push_back(
        list_text(kind.name, query.*kind.list,
                  [&](const auto& one) { return page.clean(one); }));
  }
  if (!query.scopes.empty())
    parts.push_back(list_text("scope", query.scopes, [&](const auto& one) {
      return page.clean(scope_text(one));
    }));
  if (!query.sizes.empty())
    parts.push_back(list_text("size", query.sizes, [](const auto& one) {
      return range_text(one, format_bytes);
    }));
  if (!query.times_ns.empty())
    parts.push_back(list_text("born", query.times_ns, [](const auto& one) {
      return range_text(one, format_duration);
    }));
  page.field(
      "Only",
      fmt::format("{}; the others are in no number", fmt::join(parts, ", ")),
      Tone::Strong);
  for (const std::string& missing : subject.missing)
    page.field("", fmt::format("there is no {}", page.clean(missing)),
               Tone::Bad);
}

Json json_filter(const Subject& subject) {
  const BlockQuery& query = subject.query.blocks;
  Json json = Json::object();
  for (const TextKind& kind : kTextKinds)
    if (!(query.*kind.list).empty()) json[kind.key] = query.*kind.list;
  for (const analysis::ScopeName& scope : query.scopes)
    json["scopes"].push_back(scope_text(scope));
  if (!query.sizes.empty()) json["sizes"] = json_ranges(query.sizes);
  if (!query.times_ns.empty()) json["times_ns"] = json_ranges(query.times_ns);
  json["missing"] = subject.missing;
  return json;
}

}  // namespace sagemem::report
