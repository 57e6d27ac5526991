// SPDX-License-Identifier: Apache-2.0
#include "gate/site_keys.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "symbolize/names.h"

namespace sagemem::gate {
namespace {

using symbolize::Location;

// What sites have in common that are told apart by their order.
std::string group_of(const Location& at) {
  // What comes from a file is put into a text that has to be UTF-8.
  const auto plain = [](std::string text) {
    for (char& c : text) {
      if (static_cast<unsigned char>(c) >= 0x80 || c < ' ') c = '?';
    }
    return text;
  };
  if (at.function.empty())
    return plain(fmt::format("[{}]", symbolize::base_name(at.module)));
  return plain(fmt::format("{} {}", symbolize::strip_suffixes(at.function),
                           at.file.empty() ? symbolize::base_name(at.module)
                                           : symbolize::base_name(at.file)));
}

// The order in the source; files of one name are told apart by their paths.
using Place = std::tuple<std::string, std::uint32_t>;

Place place_of(const Location& at) {
  if (at.function.empty()) return {};
  return {at.file.empty() ? at.module : at.file, at.line};
}

}  // namespace

std::vector<std::string> site_keys(const analysis::SiteTable& table) {
  std::map<std::string, std::set<Place>> places;
  for (const analysis::Site& site : table.sites)
    places[group_of(*site.location)].insert(place_of(*site.location));
  std::vector<std::string> keys;
  keys.reserve(table.sites.size());
  for (const analysis::Site& site : table.sites) {
    const std::string group = group_of(*site.location);
    const std::set<Place>& all = places[group];
    const auto at = all.find(place_of(*site.location));
    keys.push_back(
        fmt::format("{} #{}", group, std::distance(all.begin(), at) + 1));
  }
  return keys;
}

bool is_site_key(std::string_view text) {
  const std::size_t mark = text.rfind(" #");
  if (mark == std::string_view::npos || mark == 0) return false;
  const std::string_view digits = text.substr(mark + 2);
  return !digits.empty() && digits.size() < 10 &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace sagemem::gate
