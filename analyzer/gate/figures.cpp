// SPDX-License-Identifier: Apache-2.0
#include "gate/figures.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

#include "gate/figure_table.h"

namespace sagemem::gate {
namespace {

constexpr AboutName kAbouts[] = {
    {About::Run, "", 0, 0, ""},
    {About::Scope, "scope", 1, 2, "the name of a rule, and a number"},
    {About::Floor, "floor", 1, 1, "the name of a rule of scopes"},
    {About::Resident, "resident", 1, 1, "the name of a rule of scopes"},
    {About::Cost, "cost", 1, 2, "the name of a rule, and of what it captured"},
    {About::Limit, "limit", 1, 1, "the name of a limit of the profile"},
    {About::Notice, "notice", 1, 1, "a counter of the recorder"},
    {About::Site, "site", 1, 1, "a function, or FILE:LINE"},
    {About::Wrapper, "wrapper", 1, 1, "a function that allocates for others"},
    {About::Category, "category", 1, 1, "a category of the profile"},
    {About::Module, "module", 1, 1, "a program or library"},
    {About::File, "file", 1, 1, "a source file"},
    {About::Within, "within", 1, 1, "a function anywhere in the call stack"},
};

// No name is longer.
constexpr std::size_t kLongest = 64;

// Whatever chooses blocks, the figures are those of Site.
About kind_of(About about) {
  return chooses_blocks(about) ? About::Site : about;
}

// Levenshtein's.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kLongest + 1> row{};
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const AboutName> all_abouts() {
  return kAbouts;
}

const AboutName& about_name(About about) {
  return *std::find_if(
      std::begin(kAbouts), std::end(kAbouts),
      [about](const AboutName& one) { return one.about == about; });
}

std::span<const Figure> all_figures() {
  return figure_table();
}

const Figure* find_figure(About about, std::string_view name) {
  for (const Figure& one : all_figures()) {
    if (one.about != kind_of(about)) continue;
    if (one.name == name || (!one.alias.empty() && one.alias == name))
      return &one;
  }
  return nullptr;
}

std::string nearest_figure(About about, std::string_view name) {
  if (name.size() > kLongest) return "";
  std::string best;
  std::size_t least = std::max<std::size_t>(name.size() / 3, 2) + 1;
  for (const Figure& one : all_figures()) {
    if (one.about != kind_of(about)) continue;
    for (const std::string_view known : {one.name, one.alias}) {
      if (known.empty() || distance(name, known) >= least) continue;
      least = distance(name, known);
      best = known;
    }
  }
  return best;
}

}  // namespace sagemem::gate
