// SPDX-License-Identifier: Apache-2.0
//
// `sagemem-report lifetimes`.
#include "analysis/lifetimes.h"

#include <fmt/format.h>

#include <optional>

#include "analysis/ranking.h"
#include "report/json_parts.h"
#include "report/questions.h"
#include "report/run_facts.h"
#include "report/table.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Amount;
using analysis::Lifetimes;

// One way to look at them: in time, or in bytes allocated meanwhile.
struct Axis {
  const char* key;
  std::size_t count;
  const Amount* (*amounts)(const Lifetimes& lives);
  std::uint64_t (*end)(std::size_t index);
  std::string (*text)(std::uint64_t end);
};

constexpr Axis kAxes[] = {
    {"time", Lifetimes::kTimes,
     [](const Lifetimes& lives) { return lives.by_time.data(); },
     Lifetimes::time_end_ns,
     [](std::uint64_t end) {
       return format_duration(static_cast<std::int64_t>(end));
     }},
    {"bytes", Lifetimes::kBytes,
     [](const Lifetimes& lives) { return lives.by_bytes.data(); },
     Lifetimes::bytes_end, format_bytes},
};

std::string class_text(const Axis& axis, std::size_t index) {
  const std::uint64_t end = axis.end(index);
  return end != 0 ? "< " + axis.text(end)
                  : ">= " + axis.text(axis.end(index - 1));
}

Amount sum(const Lifetimes& lives) {
  Amount all = lives.unreleased;
  for (const Amount& one : lives.by_time) {
    all.blocks += one.blocks;
    all.bytes += one.bytes;
  }
  return all;
}

Table histogram(const Axis& axis, const Lifetimes& lives) {
  Table table;
  table.columns = {
      {nullptr, "lived", Unit::Text}, {"low", nullptr, Unit::Count},
      {"high", nullptr, Unit::Count}, {"blocks", "blocks", Unit::Count},
      {nullptr, "share", Unit::Text}, {"bytes", "bytes", Unit::Bytes},
      {nullptr, "share", Unit::Text}};
  const Amount all = sum(lives);
  const auto add = [&](const std::string& name, Cell low, Cell high,
                       const Amount& amount) {
    table.rows.push_back({name, std::move(low), std::move(high), amount.blocks,
                          format_share(amount.blocks, all.blocks), amount.bytes,
                          format_share(amount.bytes, all.bytes)});
  };
  for (std::size_t i = 0; i < axis.count; ++i) {
    const std::uint64_t end = axis.end(i);
    add(class_text(axis, i), i == 0 ? std::uint64_t{0} : axis.end(i - 1),
        end != 0 ? Cell(end - 1) : Cell(), axis.amounts(lives)[i]);
  }
  return table;
}

// The class of the block in the middle of those that were released.
std::optional<std::size_t> median_class(const Axis& axis,
                                        const Lifetimes& lives) {
  const std::uint64_t released = sum(lives).blocks - lives.unreleased.blocks;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < axis.count && released > 0; ++i) {
    seen += axis.amounts(lives)[i].blocks;
    if (2 * seen >= released) return i;
  }
  return std::nullopt;
}

const Lifetimes& lives_of(const Subject& subject,
                          const analysis::LifetimeTable& found,
                          const analysis::Site& site) {
  return found
      .sites[static_cast<std::size_t>(&site - subject.sites.sites.data())];
}

Table by_site(const Subject& subject, const analysis::LifetimeTable& found) {
  Table table;
  table.columns = {{nullptr, "blocks", Unit::Count},
                   {nullptr, "half lived", Unit::Text},
                   {nullptr, "or allocations of", Unit::Text},
                   {nullptr, "unreleased", Unit::Count}};
  add_site_columns(table);
  for (const analysis::Site* site :
       analysis::rank_sites(subject.sites, analysis::Measure::BytesAllocated)) {
    const Lifetimes& lives = lives_of(subject, found, *site);
    std::vector<Cell> row = {sum(lives).blocks};
    for (const Axis& axis : kAxes) {
      const auto median = median_class(axis, lives);
      // In place, here and below: g++ 12 sees an uninitialised string in a
      // variant that is moved.
      row.emplace_back();
      if (median) row.back() = class_text(axis, *median);
    }
    row.emplace_back(lives.unreleased.blocks);
    add_site_cells(row, *site->location);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Json lives_json(const Lifetimes& lives, const Subject& subject) {
  Json json;
  for (const Axis& axis : kAxes) {
    Table table = histogram(axis, lives);
    Json& list = json[std::string("by_") + axis.key];
    list = Json::array();
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      Json one = table_json({table.columns, {table.rows[i]}}, subject)[0];
      list.push_back(std::move(one));
    }
  }
  json["unreleased"]["blocks"] = lives.unreleased.blocks;
  json["unreleased"]["bytes"] = lives.unreleased.bytes;
  return json;
}

}  // namespace

void print_lifetimes(Page& page, const Subject& subject) {
  const bool asks_for_sites = subject.query.lifetimes_by_site;
  const analysis::LifetimeTable found =
      analysis::find_lifetimes(subject.sites, asks_for_sites, subject.replay);
  print_run_facts(page, subject);
  if (!subject.is_reproducible) {
    page.heading("LIFETIMES IN TIME");
    print_table(page, histogram(kAxes[0], found.all), subject,
                Lifetimes::kTimes);
  }
  page.heading("LIFETIMES IN BYTES ALLOCATED MEANWHILE");
  print_table(page, histogram(kAxes[1], found.all), subject, Lifetimes::kBytes);
  page.blank();
  page.field(unreleased_label(subject.profile),
             fmt::format("{} in {}", format_bytes(found.all.unreleased.bytes),
                         format_things(found.all.unreleased.blocks, "block")));
  if (!asks_for_sites) return;
  Table sites = by_site(subject, found);
  if (subject.is_reproducible) sites.columns[1].title = nullptr;
  page.heading("BY SITE", "most bytes allocated first");
  print_table(page, sites, subject);
}

// How long in time depends on the run: left out where that is not to show.
Json lifetimes_json(const Subject& subject) {
  const analysis::LifetimeTable found = analysis::find_lifetimes(
      subject.sites, subject.query.lifetimes_by_site, subject.replay);
  const auto lives = [&](const Lifetimes& one) {
    Json json = lives_json(one, subject);
    if (subject.is_reproducible) json["by_time"] = nullptr;
    return json;
  };
  Json json = json_head(subject, "lifetimes");
  json.update(lives(found.all));
  if (!subject.query.lifetimes_by_site) return json;
  const auto ranked =
      analysis::rank_sites(subject.sites, analysis::Measure::BytesAllocated);
  Json& list = json["sites"];
  list = Json::array();
  for (std::size_t i = 0; i < shown(subject, ranked.size()); ++i) {
    Json site = json_location(*ranked[i]->location);
    site.update(lives(lives_of(subject, found, *ranked[i])));
    list.push_back(std::move(site));
  }
  return json;
}

void lifetimes_csv(Output& out, const Subject& subject) {
  const bool asks_for_sites = subject.query.lifetimes_by_site;
  const analysis::LifetimeTable found =
      analysis::find_lifetimes(subject.sites, asks_for_sites, subject.replay);
  Table table;
  if (asks_for_sites) add_site_columns(table);
  table.columns.insert(table.columns.end(), {{"measure", nullptr, Unit::Text},
                                             {"low", nullptr, Unit::Count},
                                             {"high", nullptr, Unit::Count},
                                             {"blocks", nullptr, Unit::Count},
                                             {"bytes", nullptr, Unit::Bytes}});
  const auto add = [&](const Lifetimes& lives, const analysis::Site* site) {
    const auto line = [&](const char* measure, Cell low, Cell high,
                          const Amount& amount) {
      std::vector<Cell> row;
      if (site != nullptr) add_site_cells(row, *site->location);
      row.insert(row.end(), {std::string(measure), std::move(low),
                             std::move(high), amount.blocks, amount.bytes});
      table.rows.push_back(std::move(row));
    };
    for (const Axis& axis : kAxes) {
      if (subject.is_reproducible && &axis == &kAxes[0]) continue;
      for (std::size_t i = 0; i < axis.count; ++i) {
        const std::uint64_t end = axis.end(i);
        line(axis.key, i == 0 ? std::uint64_t{0} : axis.end(i - 1),
             end != 0 ? Cell(end - 1) : Cell(), axis.amounts(lives)[i]);
      }
    }
    line("unreleased", {}, {}, lives.unreleased);
  };
  if (!asks_for_sites) add(found.all, nullptr);
  if (asks_for_sites) {
    for (const analysis::Site* site : analysis::rank_sites(
             subject.sites, analysis::Measure::BytesAllocated)) {
      add(lives_of(subject, found, *site), site);
    }
  }
  write_csv(out, table, subject);
}

}  // namespace sagemem::report
