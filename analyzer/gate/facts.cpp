// SPDX-License-Identifier: Apache-2.0
#include "gate/facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "analysis/exactness.h"
#include "analysis/scope_trends.h"
#include "gate/scope_leaks.h"
#include "gate/site_keys.h"
#include "rules/glob.h"
#include "symbolize/names.h"

namespace sagemem::gate {
namespace {

using model::ScopeId;
using rules::glob_matches;
using symbolize::Location;

// Of numbers in the order of their sizes.
double median(const std::vector<double>& sorted) {
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half]
                                : (sorted[half - 1] + sorted[half]) / 2;
}

double aggregate_of(Aggregate aggregate, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  switch (aggregate) {
    case Aggregate::Max:
      return values.back();
    case Aggregate::Min:
      return values.front();
    case Aggregate::Mean:
      return sum / static_cast<double>(values.size());
    case Aggregate::Median:
      return median(values);
    case Aggregate::Sum:
    case Aggregate::None:
      break;
  }
  return sum;
}

void add_leaks(model::LeakAmounts& sum, const model::LeakAmounts& more) {
  for (std::size_t i = 0; i < std::size(sum.of_class); ++i)
    sum.of_class[i].add(more.of_class[i]);
}

// All blocks: what choices are called that are none.
const std::string kAll;

}  // namespace

Facts::Facts(const report::Subject& subject, const Baseline* baseline,
             const std::vector<FigureUse>& uses)
    : subject_(subject),
      baseline_(baseline),
      recording_(find_gaps(subject)),
      groups_(analysis::group_scopes(subject.profile.scopes)),
      site_keys_(gate::site_keys(subject.sites)) {
  // Whoever names suppressions is told what came of them.
  bool is_by_class = !subject.query.leaks.suppressions.empty();
  bool is_over_time = false;
  for (const FigureUse& use : uses) {
    if (use.is_of_baseline) continue;
    is_by_class = is_by_class || use.figure->has(kByClass);
    is_over_time = is_over_time || use.figure->has(kOverTime);
  }
  if (is_by_class) leaks_ = report::find_leak_facts(subject);
  for (const FigureUse& use : uses) {
    if (use.is_of_baseline) continue;
    if (chooses_blocks(use.about)) {
      choose({use.about, use.arguments[0]});
    } else if (use.about == About::Run && use.figure->has(kOverTime)) {
      choose({About::Run, kAll});
    } else if (use.about == About::Scope && use.figure->has(kByClass)) {
      find_leaks_of(use);
    }
  }
  if (is_over_time) count_over_time();
  count_new_leaks();
}

// ------------------------------------------------------------ chosen blocks

void Facts::choose(const ChoiceKey& key) {
  const auto [at, is_new] = choices_.try_emplace(key);
  if (!is_new) return;
  Choice& choice = at->second;
  const std::size_t count = subject_.sites.frame_of_stack.size();
  choice.stacks.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    choice.stacks[i] = subject_.sites.frame_of_stack[i].location != nullptr &&
                       is_chosen(key, static_cast<model::StackId>(i));
  }
  sum_up(choice);
  choice.is_known = choice.blocks.sites > 0 || is_named(key);
}

// Whether a pattern that chooses no block names something that was seen all the
// same: a caller of some site, a library that was loaded.
bool Facts::is_named(const ChoiceKey& key) const {
  if (key.first == About::Category) return has_category(key.second);
  if (key.first == About::Module) {
    const auto& modules = subject_.profile.modules;
    return std::any_of(modules.begin(), modules.end(), [&key](const auto& one) {
      return glob_matches(key.second, one.path) ||
             glob_matches(key.second, symbolize::base_name(one.path));
    });
  }
  const model::StackTree& stacks = subject_.profile.stacks;
  for (model::StackId id = 1; id < stacks.size(); ++id) {
    for (const Location* at : subject_.symbols.resolve(stacks.frame(id))) {
      if (is_named_by(key, *at)) return true;
    }
  }
  return false;
}

bool Facts::is_named_by(const ChoiceKey& key, const Location& at) const {
  const auto& [about, pattern] = key;
  if (about == About::Site) return is_site(pattern, at);
  if (about == About::File)
    return !at.file.empty() &&
           (glob_matches(pattern, at.file) ||
            glob_matches(pattern, symbolize::base_name(at.file)));
  return !at.function.empty() && glob_matches(pattern, plain_name(at));
}

bool Facts::is_chosen(const ChoiceKey& key, model::StackId stack) const {
  const auto& [about, pattern] = key;
  const Location& at = *subject_.sites.frame_of_stack[stack].location;
  const auto& table = subject_.breakdown.table;
  switch (about) {
    case About::Site:
      return is_site(pattern, at);
    case About::File:
      return !at.file.empty() &&
             (glob_matches(pattern, at.file) ||
              glob_matches(pattern, symbolize::base_name(at.file)));
    case About::Module:
      return glob_matches(pattern, at.module) ||
             glob_matches(pattern, symbolize::base_name(at.module));
    case About::Category:
      return glob_matches(
          pattern, table.categories[table.category_of_stack[stack]].name);
    case About::Wrapper:
      return is_through(pattern, stack, false);
    case About::Within:
      return is_through(pattern, stack, true);
    default:
      return true;
  }
}

bool Facts::is_site(const std::string& pattern, const Location& at) const {
  if (glob_matches(pattern, at.name()) || glob_matches(pattern, plain_name(at)))
    return true;
  if (at.file.empty()) return false;
  return glob_matches(pattern, fmt::format("{}:{}", at.file, at.line)) ||
         glob_matches(
             pattern,
             fmt::format("{}:{}", symbolize::base_name(at.file), at.line));
}

// Whether a function of that name is in the call stack, or, of wrappers, among
// those that were passed over on the way from the allocation to the site.
bool Facts::is_through(const std::string& pattern, model::StackId stack,
                       bool is_within) const {
  const model::StackTree& stacks = subject_.profile.stacks;
  const analysis::SiteFrame& site = subject_.sites.frame_of_stack[stack];
  for (; stack != model::kRootStack; stack = stacks.outer(stack)) {
    for (const Location* at : subject_.symbols.resolve(stacks.frame(stack))) {
      if (!is_within && stack == site.stack && at == site.location)
        return false;
      if (!at->function.empty() && glob_matches(pattern, plain_name(*at)))
        return true;
    }
  }
  return false;
}

const std::string& Facts::plain_name(const Location& at) const {
  const auto [name, is_new] = names_.try_emplace(&at);
  if (is_new) name->second = symbolize::plain_name(at.function);
  return name->second;
}

void Facts::sum_up(Choice& choice) const {
  std::set<std::uint32_t> sites;
  for (std::size_t i = 0; i < choice.stacks.size(); ++i) {
    if (!choice.stacks[i]) continue;
    analysis::add_use(choice.blocks.use, subject_.profile.uses[i]);
    sites.insert(subject_.sites.site_of_stack[i]);
    if (leaks_) add_leaks(choice.blocks.leaks, leaks_->report.stacks[i]);
  }
  choice.blocks.sites = sites.size();
}

void Facts::find_leaks_of(const FigureUse& use) {
  const analysis::ScopeGroup* const group = group_of(use);
  if (group == nullptr || scope_leaks_.contains(use.arguments)) return;
  scope_leaks_.emplace(
      use.arguments,
      find_scope_leaks(subject_, scopes_of(use, *group), leaks_->suppressions));
}

const analysis::LeakReport* Facts::leaks_of(const FigureUse& use) const {
  if (use.about != About::Scope) return leaks_ ? &leaks_->report : nullptr;
  const auto found = scope_leaks_.find(use.arguments);
  return found == scope_leaks_.end() ? nullptr : &found->second;
}

void Facts::count_over_time() {
  model::StackGroups groups;
  for (std::size_t i = 0; i < subject_.sites.frame_of_stack.size(); ++i) {
    std::vector<std::uint32_t> mine;
    std::uint32_t number = 0;
    for (const auto& [key, choice] : choices_) {
      if (choice.stacks[i]) mine.push_back(number);
      ++number;
    }
    groups.append(mine);
  }
  model::ReplayOptions options;
  options.groups = &groups;
  options.group_count = choices_.size();
  const model::Profile profile = subject_.replay(options);
  std::size_t number = 0;
  for (auto& [key, choice] : choices_)
    choice.blocks.over_time = profile.groups[number++];
}

void Facts::count_new_leaks() {
  if (baseline_ == nullptr) return;
  std::set<std::string> fresh;
  for (std::size_t i = 0; i < site_keys_.size(); ++i) {
    if (subject_.sites.sites[i].use.live_blocks == 0) continue;
    const auto known = baseline_->sites.find(site_keys_[i]);
    if (known == baseline_->sites.end() ||
        known->second.leaked_blocks.high == 0)
      fresh.insert(site_keys_[i]);
  }
  new_leaking_sites_ = fresh.size();
}

const std::vector<bool>* Facts::stacks_of(const FigureUse& use) const {
  if (!chooses_blocks(use.about)) return nullptr;
  return &choices_.at({use.about, use.arguments[0]}).stacks;
}

bool Facts::is_of_nothing(const FigureUse& use) const {
  return chooses_blocks(use.about) &&
         choices_.at({use.about, use.arguments[0]}).blocks.sites == 0;
}

std::string Facts::gap_of(const FigureUse& use) const {
  bool is_by_stacks = false;
  if (const analysis::ScopeGroup* const group = group_of(use)) {
    for (const std::uint32_t rule : group->rules) {
      for (const model::Probe& one : subject_.profile.scopes.rules[rule].probes)
        is_by_stacks =
            is_by_stacks || one.method == trace::ProbeMethod::Inferred;
    }
  }
  return recording_.gap_of(use.about, use.figure->needs, is_by_stacks);
}

// ------------------------------------------------------------------ readings

Reading Facts::read(const FigureUse& use) const {
  Asked asked{.subject = subject_, .new_leaking_sites = new_leaking_sites_};
  if (leaks_) asked.leaks = &leaks_->report;
  switch (use.about) {
    case About::Run:
      if (use.figure->has(kOverTime))
        asked.all = &choices_.at({About::Run, kAll}).blocks;
      return use.figure->read(asked);
    case About::Scope:
      return read_group(use);
    case About::Floor:
    case About::Resident:
    case About::Cost:
      return read_line(use);
    case About::Limit:
      return read_limit(use);
    case About::Notice:
      return read_notice(use);
    default:
      return read_blocks(use);
  }
}

Reading Facts::read_blocks(const FigureUse& use) const {
  if (use.about == About::Category && !has_category(use.arguments[0])) {
    return fmt::format("the profile '{}' has no category '{}'",
                       subject_.breakdown.profile, use.arguments[0]);
  }
  const Choice& choice = choices_.at({use.about, use.arguments[0]});
  // A name that is misspelt, or that a stripped build does not have, must not
  // pass for one that is free of all faults.
  if (!choice.is_known && !use.figure->has(kOfNothing)) {
    return fmt::format("nothing in the trace matches {}(\"{}\")",
                       about_name(use.about).name, use.arguments[0]);
  }
  Asked asked{.subject = subject_};
  if (leaks_) asked.leaks = &leaks_->report;
  asked.blocks = &choice.blocks;
  return use.figure->read(asked);
}

bool Facts::has_category(const std::string& pattern) const {
  const auto& categories = subject_.breakdown.table.categories;
  return std::any_of(categories.begin(), categories.end(),
                     [&pattern](const analysis::Category& one) {
                       return glob_matches(pattern, one.name);
                     });
}

Reading Facts::read_limit(const FigureUse& use) const {
  for (const analysis::LimitUse& limit : subject_.breakdown.limits) {
    if (limit.name != use.arguments[0]) continue;
    Asked asked{.subject = subject_};
    asked.limit = &limit;
    return use.figure->read(asked);
  }
  return fmt::format("the profile '{}' has no limit '{}'",
                     subject_.breakdown.profile, use.arguments[0]);
}

Reading Facts::read_notice(const FigureUse& use) const {
  Asked asked{.subject = subject_};
  for (const analysis::Reservation& one :
       analysis::all_reservations(subject_.profile)) {
    if (use.arguments[0] == one.key) asked.noticed += one.count;
  }
  return use.figure->read(asked);
}

// -------------------------------------------------------------------- scopes

const analysis::ScopeGroup* Facts::group_of(const FigureUse& use) const {
  if (use.about != About::Scope && use.about != About::Floor &&
      use.about != About::Resident && use.about != About::Cost)
    return nullptr;
  const auto found = std::find_if(
      groups_.begin(), groups_.end(),
      [&use](const auto& one) { return one.name == use.arguments[0]; });
  return found == groups_.end() || found->scopes.empty() ? nullptr : &*found;
}

Reading Facts::no_group(const std::string& name) const {
  std::vector<std::string> names;
  for (const analysis::ScopeGroup& one : groups_) {
    if (!one.scopes.empty()) names.push_back(one.name);
  }
  return fmt::format(
      "no scope '{}' in the trace{}", name,
      names.empty() ? std::string()
                    : fmt::format("; there are: {}", fmt::join(names, ", ")));
}

std::vector<ScopeId> Facts::scopes_of(const FigureUse& use,
                                      const analysis::ScopeGroup& group) const {
  if (use.arguments.size() < 2) return group.scopes;
  std::int64_t number = 0;
  const std::string& text = use.arguments[1];
  std::from_chars(text.data(), text.data() + text.size(), number);
  return analysis::find_scopes(subject_.profile.scopes, group, number);
}

std::vector<ScopeReading> Facts::read_scopes(const FigureUse& use) const {
  const analysis::ScopeGroup* const group = group_of(use);
  if (group == nullptr) return {};
  const model::ScopeProfile& profile = subject_.profile.scopes;
  std::vector<ScopeReading> result;
  for (const ScopeId id : scopes_of(use, *group)) {
    Asked asked{.subject = subject_};
    asked.group = group;
    asked.scope = &profile.scopes[id];
    const Reading reading = use.figure->read(asked);
    if (reading.value) result.push_back({id, *reading.value});
  }
  return result;
}

Reading Facts::read_group(const FigureUse& use) const {
  const analysis::ScopeGroup* const group = group_of(use);
  if (group == nullptr) return no_group(use.arguments[0]);
  analysis::ScopeGroup chosen = *group;
  chosen.scopes = scopes_of(use, *group);
  if (chosen.scopes.empty())
    return fmt::format("no such scope of '{}' in the trace", group->name);
  if (use.figure->aggregate == Aggregate::None) {
    Asked asked{.subject = subject_};
    asked.group = &chosen;
    asked.leaks = leaks_of(use);
    return use.figure->read(asked);
  }
  std::vector<double> values;
  for (const ScopeReading& one : read_scopes(use)) values.push_back(one.value);
  return aggregate_of(use.aggregate, std::move(values));
}

Reading Facts::read_line(const FigureUse& use) const {
  const analysis::ScopeGroup* const group = group_of(use);
  if (group == nullptr) return no_group(use.arguments[0]);
  const model::ScopeProfile& profile = subject_.profile.scopes;
  Asked asked{.subject = subject_};
  asked.group = group;
  if (use.about == About::Cost) {
    const auto cost = analysis::find_cost_model(
        profile, *group, use.arguments.size() > 1 ? use.arguments[1] : "");
    if (!cost) return "nothing that these scopes captured tells their peaks";
    asked.cost = &*cost;
    return use.figure->read(asked);
  }
  const auto drift = analysis::find_drift(profile, *group);
  if (!drift) return "too few scopes were closed to tell a trend";
  if (use.about == About::Resident && !drift->resident)
    return "the resident set was not sampled often enough";
  asked.line = use.about == About::Floor ? &drift->floor : &*drift->resident;
  return use.figure->read(asked);
}

}  // namespace sagemem::gate
