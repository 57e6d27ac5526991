// SPDX-License-Identifier: Apache-2.0
#include "report/live_sites.h"

#include <fmt/format.h>

#include "analysis/ranking.h"
#include "report/json_parts.h"
#include "report/site_list.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Amount;
using analysis::Measure;
using analysis::StackAmounts;

// The sites that have some of them, with that as what they hold.
analysis::SiteTable sites_with(const Subject& subject,
                               const model::Profile& profile) {
  return analysis::restrict_sites(subject.sites, profile,
                                  [&profile](model::StackId stack) {
                                    return profile.uses[stack].live_blocks != 0;
                                  });
}

// Calls use(subject, ranked sites) for a subject to which these blocks are what
// is live.
template <typename Use>
void with_amounts(const Subject& subject, const StackAmounts& stacks,
                  const Amount& total, const Use& use) {
  const model::Profile profile =
      analysis::with_live(subject.profile, stacks, total);
  const analysis::SiteTable sites = sites_with(subject, profile);
  const Subject part{.trace = subject.trace,
                     .profile = profile,
                     .symbols = subject.symbols,
                     .sites = sites,
                     .sources = subject.sources,
                     .breakdown = subject.breakdown,
                     .segments = subject.segments,
                     .top = subject.top,
                     .stacks = subject.stacks,
                     .query = subject.query,
                     .replay = subject.replay};
  use(part, analysis::rank_sites(sites, Measure::LiveBytes));
}

}  // namespace

void print_amounts(Page& page, const Subject& subject,
                   const std::string& heading, const StackAmounts& stacks,
                   const Amount& total) {
  with_amounts(
      subject, stacks, total, [&](const Subject& part, const auto& ranked) {
        page.heading(heading, format_things(ranked.size(), "allocation site"));
        print_site_rows(page, part, ranked, Measure::LiveBytes,
                        shown(part, ranked.size()));
      });
}

Json json_amounts(const Subject& subject, const StackAmounts& stacks,
                  const Amount& total) {
  Json json;
  json["blocks"] = total.blocks;
  json["bytes"] = total.bytes;
  Json& list = json["sites"];
  list = Json::array();
  with_amounts(subject, stacks, total,
               [&](const Subject& part, const auto& ranked) {
                 for (std::size_t i = 0; i < shown(part, ranked.size()); ++i) {
                   Json site = json_location(*ranked[i]->location);
                   site["blocks"] = ranked[i]->use.live_blocks;
                   site["bytes"] = ranked[i]->use.live_bytes;
                   list.push_back(std::move(site));
                 }
               });
  return json;
}

void add_amount_rows(Table& table, const Subject& subject,
                     const StackAmounts& stacks,
                     const std::vector<Cell>& cells) {
  with_amounts(subject, stacks, {}, [&](const Subject&, const auto& ranked) {
    for (const analysis::Site* site : ranked) {
      std::vector<Cell> row = cells;
      row.insert(row.end(), {site->use.live_bytes, site->use.live_blocks});
      add_site_cells(row, *site->location);
      table.rows.push_back(std::move(row));
    }
  });
}

std::string amount_text(const Amount& amount) {
  return fmt::format("{} in {}", format_bytes_exactly(amount.bytes),
                     format_things(amount.blocks, "block"));
}

}  // namespace sagemem::report
