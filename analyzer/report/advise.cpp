// SPDX-License-Identifier: Apache-2.0
#include "report/advise.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/growth.h"
#include "report/json_parts.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/table.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Advice;
using analysis::AdviceKind;
using analysis::GrowthSite;

constexpr std::size_t kRank = 5;
constexpr std::size_t kLabels = 8;
constexpr std::size_t kMostPlaces = 4;  // named of one piece of advice

const char* key_of(AdviceKind kind) {
  switch (kind) {
    case AdviceKind::Leak:
      return "leak";
    case AdviceKind::Escape:
      return "escape";
    case AdviceKind::Growth:
      return "growth";
    case AdviceKind::Pool:
      return "pool";
    case AdviceKind::Arena:
      return "arena";
    case AdviceKind::Temporary:
      return "temporary";
    case AdviceKind::Limit:
      return "limit";
    case AdviceKind::PeakHolder:
      return "peak_holder";
    case AdviceKind::Fragmentation:
      break;
  }
  return "fragmentation";
}

std::string share_of_peak(const Subject& subject, std::uint64_t bytes) {
  return format_share(bytes, subject.profile.peak.bytes);
}

AdviceWords leak_words(const Subject& subject, const Advice& advice) {
  return {"Release these blocks when their work is done.",
          fmt::format("{} in {} were never released, {} of the peak.",
                      format_bytes(advice.bytes),
                      format_things(advice.blocks, "block"),
                      share_of_peak(subject, advice.bytes)),
          fmt::format("up to {} at the peak, and all further growth.",
                      format_bytes(advice.gain_bytes))};
}

AdviceWords escape_words(const Subject& subject, const Advice& advice) {
  return {fmt::format("Release these blocks before the end of their {}.",
                      advice.scope),
          fmt::format("{} in {} were alive after the {} that they were born "
                      "in, of {}, and released later.",
                      format_bytes(advice.bytes),
                      format_things(advice.blocks, "block"), advice.scope,
                      format_count(advice.scopes)),
          fmt::format("up to {} at the peak, {} of it.",
                      format_bytes(advice.gain_bytes),
                      share_of_peak(subject, advice.gain_bytes))};
}

AdviceWords growth_words(const Subject& subject, const Advice& advice) {
  const GrowthSite& growth = *advice.growth;
  const analysis::FactorCost& twice = growth.factors.back();
  return {fmt::format("Grow by a factor, or reserve {} from the start.",
                      format_bytes(growth.last.most())),
          fmt::format("{}: {} for {}, {} copied, {} of all that was allocated.",
                      growth_rule_text(growth),
                      format_things(growth.steps, "realloc"),
                      format_things(growth.ladders, "block"),
                      format_bytes(growth.bytes_copied),
                      format_share(growth.bytes_copied,
                                   subject.profile.totals.bytes_allocated)),
          fmt::format("reserving, all of it; with factor 2, {} and at most {} "
                      "copied, for up to {} to spare.",
                      format_things(twice.calls, "call"),
                      format_bytes(twice.bytes_copied),
                      format_bytes(twice.spare_bytes))};
}

std::string reuse_gain(const Advice& advice) {
  const std::string calls = fmt::format(
      "{} become {}", format_things(advice.reuse->calls_now, "call"),
      format_count(advice.reuse->calls_then));
  if (advice.cost_bytes > 0) {
    return fmt::format("{}, for {} more held from the system.", calls,
                       format_bytes(advice.cost_bytes));
  }
  if (advice.gain_bytes == 0) return calls + ".";
  return fmt::format("{}; {} less held from the system.", calls,
                     format_bytes(advice.gain_bytes));
}

AdviceWords pool_words(const Subject& subject, const Advice& advice) {
  return {fmt::format("Take these blocks from a pool of {}-byte blocks.",
                      format_count(advice.reuse->choice.block_bytes)),
          fmt::format(
              "{}, {} of all allocations, have this one size.",
              format_things(advice.blocks, "block"),
              format_share(advice.blocks, subject.profile.totals.allocations)),
          reuse_gain(advice)};
}

AdviceWords arena_words(const Subject& subject, const Advice& advice) {
  const std::string& scope = advice.reuse->choice.scope;
  return {fmt::format("Take these blocks from an arena that is reset with each "
                      "{}.",
                      scope),
          fmt::format(
              "{}, {} of all allocations, are released by the end of "
              "the {} that they are born in.",
              format_things(advice.blocks, "block"),
              format_share(advice.blocks, subject.profile.totals.allocations),
              scope),
          reuse_gain(advice)};
}

AdviceWords temporary_words(const Subject& subject, const Advice& advice) {
  return {"Keep one block and use it again, or put it on the stack.",
          fmt::format(
              "{}, {} of all allocations, were released before the "
              "next allocation.",
              format_things(advice.blocks, "block"),
              format_share(advice.blocks, subject.profile.totals.allocations)),
          fmt::format("{} less.", format_things(advice.gain_calls, "call"))};
}

AdviceWords limit_words(const Advice& advice) {
  const analysis::LimitUse& limit = *advice.limit;
  const auto amount = [&limit](std::uint64_t value) {
    return limit.counts_blocks ? format_things(value, "block")
                               : format_bytes(value);
  };
  return {
      fmt::format("Raise the limit \"{}\", or hold less at once.", limit.name),
      fmt::format("{} at once, of {}.", amount(limit.most),
                  amount(limit.limit)),
      "a larger input will not end the program."};
}

AdviceWords holder_words(const Subject& subject, const Advice& advice) {
  return {
      "Look here first to make the peak lower.",
      fmt::format("{} in {} at the peak, {} of it.", format_bytes(advice.bytes),
                  format_things(advice.blocks, "block"),
                  share_of_peak(subject, advice.bytes)),
      "a tenth less here is " + format_bytes(advice.bytes / 10) + "."};
}

AdviceWords fragmentation_words(const Advice& advice) {
  return {"Keep small blocks that live long apart from large ones.",
          fmt::format("{} held from the system are in no block when most is "
                      "held, by a model of the allocator.",
                      format_bytes(advice.bytes)),
          advice.gain_bytes > 0
              ? fmt::format("{} with a slab allocator.",
                            format_bytes(advice.gain_bytes))
              : std::string("a slab allocator would not hold less.")};
}

std::vector<Advice> find(const Subject& subject) {
  const analysis::Reuse reuse = analysis::simulate_reuse(
      subject.profile, subject.sites,
      analysis::find_reuse_choices(subject.profile, subject.sites,
                                   subject.replay),
      subject.replay);
  std::vector<Advice> advice = analysis::find_advice(
      subject.profile, subject.sites, subject.breakdown.limits,
      analysis::find_growth(subject.sites, subject.replay), reuse);
  const std::size_t most =
      subject.top == 0 ? kMostAdvice : std::min(subject.top, kMostAdvice);
  if (advice.size() > most) advice.resize(most);
  return advice;
}

void print_words(Page& page, const char* label, const std::string& text) {
  // A field has its label in a column of its own; here it is narrower.
  const std::size_t room = page.width() - kRank - kLabels;
  std::string rest = page.clean(text);
  std::string name = page.paint(Tone::Dim, pad_right(label, kLabels));
  while (columns_of(rest) > room) {
    const std::size_t space = rest.rfind(' ', room);
    if (space == std::string::npos || space == 0) break;
    page.line(std::string(kRank, ' ') + name + rest.substr(0, space));
    rest.erase(0, space + 1);
    name = std::string(kLabels, ' ');
  }
  page.line(std::string(kRank, ' ') + name + rest);
}

void print_places(Page& page, const Subject& subject, const Advice& advice) {
  const std::size_t room = page.width() - kRank;
  const std::size_t count = std::min(advice.sites.size(), kMostPlaces);
  for (std::size_t i = 0; i < count; ++i) {
    const symbolize::Location& at =
        *subject.sites.sites[advice.sites[i]].location;
    page.line(std::string(kRank, ' ') + place_text(page, at, room));
    const std::string source =
        page.clean(subject.sources.line(at.file, at.line));
    if (source.empty() || count > 1) continue;
    page.line(std::string(kRank + kLabels, ' ') +
              shorten_end(source, room - kLabels));
  }
  if (count < advice.sites.size()) {
    page.line(std::string(kRank, ' ') +
              page.paint(Tone::Dim,
                         "and " + format_things(advice.sites.size() - count,
                                                "other site")));
  }
}

}  // namespace

AdviceWords words_of(const Subject& subject, const Advice& advice) {
  switch (advice.kind) {
    case AdviceKind::Leak:
      return leak_words(subject, advice);
    case AdviceKind::Escape:
      return escape_words(subject, advice);
    case AdviceKind::Growth:
      return growth_words(subject, advice);
    case AdviceKind::Pool:
      return pool_words(subject, advice);
    case AdviceKind::Arena:
      return arena_words(subject, advice);
    case AdviceKind::Temporary:
      return temporary_words(subject, advice);
    case AdviceKind::Limit:
      return limit_words(advice);
    case AdviceKind::PeakHolder:
      return holder_words(subject, advice);
    case AdviceKind::Fragmentation:
      break;
  }
  return fragmentation_words(advice);
}

void print_advice(Page& page, const Subject& subject) {
  const std::vector<Advice> all = find(subject);
  print_run_facts(page, subject);
  page.heading("WHAT TO CHANGE", "what matters most first");
  if (all.empty()) {
    page.line("  Nothing that would gain much.");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const AdviceWords words = words_of(subject, all[i]);
    page.line(pad_left(fmt::format("{}  ", i + 1), kRank) +
              page.paint(Tone::Strong, page.clean(words.action)));
    print_places(page, subject, all[i]);
    print_words(page, "why", words.evidence);
    print_words(page, "gain", words.gain);
  }
  print_missing_symbols(page, subject);
}

Json advice_json(const Subject& subject) {
  Json json = json_head(subject, "advise");
  Json list = Json::array();
  for (const Advice& advice : find(subject)) {
    const AdviceWords words = words_of(subject, advice);
    Json one;
    one["kind"] = key_of(advice.kind);
    one["weight"] = advice.weight;
    one["action"] = words.action;
    one["evidence"] = words.evidence;
    one["gain"] = words.gain;
    one["blocks"] = advice.blocks;
    one["bytes"] = advice.bytes;
    one["gain_bytes"] = advice.gain_bytes;
    one["gain_calls"] = advice.gain_calls;
    one["cost_bytes"] = advice.cost_bytes;
    Json places = Json::array();
    for (const std::uint32_t site : advice.sites) {
      places.push_back(json_location(*subject.sites.sites[site].location));
    }
    one["places"] = std::move(places);
    list.push_back(std::move(one));
  }
  json["advice"] = std::move(list);
  return json;
}

// One row for each site of a finding, which their rank joins; one without a
// place has a row too.
void advice_csv(Output& out, const Subject& subject) {
  Table table;
  table.columns = {{"rank", nullptr},
                   {"kind", nullptr, Unit::Text},
                   {"action", nullptr, Unit::Text},
                   {"evidence", nullptr, Unit::Text},
                   {"gain", nullptr, Unit::Text},
                   {"blocks", nullptr},
                   {"bytes", nullptr, Unit::Bytes},
                   {"gain_bytes", nullptr, Unit::Bytes},
                   {"gain_calls", nullptr},
                   {"cost_bytes", nullptr, Unit::Bytes}};
  add_site_columns(table);
  std::uint64_t rank = 0;
  for (const Advice& advice : find(subject)) {
    const AdviceWords words = words_of(subject, advice);
    const std::vector<Cell> facts = {++rank,
                                     std::string(key_of(advice.kind)),
                                     words.action,
                                     words.evidence,
                                     words.gain,
                                     advice.blocks,
                                     advice.bytes,
                                     advice.gain_bytes,
                                     advice.gain_calls,
                                     advice.cost_bytes};
    for (const std::uint32_t site : advice.sites) {
      std::vector<Cell> row = facts;
      add_site_cells(row, *subject.sites.sites[site].location);
      table.rows.push_back(std::move(row));
    }
    if (!advice.sites.empty()) continue;
    table.rows.push_back(facts);
    table.rows.back().resize(table.columns.size());
  }
  write_csv(out, table, subject);
}

}  // namespace sagemem::report
