// SPDX-License-Identifier: Apache-2.0
#include "gate/write_baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "analysis/scope_groups.h"
#include "gate/facts.h"
#include "gate/site_keys.h"
#include "symbolize/names.h"

namespace sagemem::gate {
namespace {

// Sites below one in so many, of all that any figure is about, are left out; a
// baseline is to be small.  Those that leak are all in it: one that is not
// would be a new leak ever after.
constexpr std::uint64_t kLeastPart = 200;

// What can stand between quotes in a rule, and so in a key.
bool is_sayable(const std::string& name) {
  return !name.empty() && name.size() < 256 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
         });
}

class UseList {
 public:
  void add(About about, const std::vector<std::string>& arguments = {}) {
    if (!std::all_of(arguments.begin(), arguments.end(), is_sayable)) return;
    const About kind = chooses_blocks(about) ? About::Site : about;
    for (const Figure& figure : all_figures()) {
      if (figure.about != kind || figure.has(kOfTheRun) ||
          figure.has(kByBaseline) || figure.needs == Needs::Nothing)
        continue;
      // Of parts of the run only where a rule asks: it is to be small.
      if (kind != About::Run && figure.has(kByClass)) continue;
      FigureUse use;
      use.figure = &figure;
      use.about = about;
      use.arguments = arguments;
      use.aggregate = figure.aggregate;
      add(std::move(use));
    }
  }

  void add(FigureUse use) {
    use.is_of_baseline = false;
    if (keys_.insert(use.key()).second) uses_.push_back(std::move(use));
  }

  [[nodiscard]] const std::vector<FigureUse>& uses() const { return uses_; }

 private:
  std::vector<FigureUse> uses_;
  std::set<std::string> keys_;
};

// A pattern that means this name alone.
std::string literal_pattern(const std::string& name) {
  return name.find_first_of("*?\\") == std::string::npos ? name : "";
}

std::vector<FigureUse> uses_of_trace(const report::Subject& subject,
                                     const std::vector<FigureUse>& asked) {
  UseList list;
  list.add(About::Run);
  for (const analysis::ScopeGroup& group :
       analysis::group_scopes(subject.profile.scopes)) {
    if (group.scopes.empty()) continue;
    list.add(About::Scope, {group.name});
    list.add(About::Floor, {group.name});
  }
  for (const analysis::Category& one : subject.breakdown.table.categories) {
    if (one.use.allocations > 0)
      list.add(About::Category, {literal_pattern(one.name)});
  }
  for (const analysis::LimitUse& one : subject.breakdown.limits)
    list.add(About::Limit, {one.name});
  for (const FigureUse& use : asked) {
    if (use.is_of_baseline) list.add(use);
  }
  return list.uses();
}

bool is_worth_it(const model::StackUse& use, const model::StackUse& all) {
  const auto is_part = [](std::uint64_t part, std::uint64_t whole) {
    return part > 0 && part >= whole / kLeastPart;
  };
  return is_part(use.peak_bytes, all.peak_bytes) ||
         is_part(use.bytes_allocated, all.bytes_allocated) ||
         is_part(use.allocations, all.allocations) ||
         is_part(use.temporary, all.temporary);
}

SiteBaseline site_of(const model::StackUse& use) {
  const auto at = [](std::uint64_t number) {
    return Band::at(static_cast<double>(number));
  };
  SiteBaseline site;
  site.blocks = at(use.allocations);
  site.bytes = at(use.bytes_allocated);
  site.temporary = at(use.temporary);
  site.peak_blocks = at(use.peak_blocks);
  site.peak_bytes = at(use.peak_bytes);
  site.leaked_blocks = at(use.live_blocks);
  site.leaked_bytes = at(use.live_bytes);
  return site;
}

std::map<std::string, SiteBaseline> sites_of(const Facts& facts) {
  std::map<std::string, model::StackUse> sums;
  model::StackUse all;
  const auto& sites = facts.subject().sites.sites;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    analysis::add_use(sums[facts.site_keys()[i]], sites[i].use);
    analysis::add_use(all, sites[i].use);
  }
  std::map<std::string, SiteBaseline> result;
  for (const auto& [key, use] : sums) {
    if (use.live_blocks > 0 || is_worth_it(use, all))
      result.emplace(key, site_of(use));
  }
  return result;
}

}  // namespace

std::string program_of(const model::Profile& profile) {
  std::string name =
      symbolize::base_name(profile.info_value(trace::kInfoProgram));
  for (char& c : name) {
    if (c < ' ' || c >= '\x7f') c = '?';
  }
  return name.empty() ? "unknown" : name;
}

Baseline baseline_of(const report::Subject& subject,
                     const std::vector<FigureUse>& uses) {
  const std::vector<FigureUse> all = uses_of_trace(subject, uses);
  const Facts facts(subject, nullptr, all);
  Baseline baseline;
  baseline.program = program_of(subject.profile);
  baseline.runs = 1;
  for (const FigureUse& use : all) {
    if (!facts.gap_of(use).empty()) continue;
    const Reading reading = facts.read(use);
    if (reading.value)
      baseline.figures.emplace(use.key(), Band::at(*reading.value));
  }
  baseline.sites = sites_of(facts);
  return baseline;
}

}  // namespace sagemem::gate
