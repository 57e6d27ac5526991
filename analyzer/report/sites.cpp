// SPDX-License-Identifier: Apache-2.0
#include "report/sites.h"

#include <fmt/format.h>

#include "analysis/ranking.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

constexpr std::size_t kRank = 5;
constexpr std::size_t kAmounts = 12;

void print_amount(Page& page, const char* label, const std::string& text) {
  page.line(std::string(kRank, ' ') +
            page.paint(Tone::Dim, pad_right(label, kAmounts)) + text);
}

std::string bytes_in_blocks(std::uint64_t bytes, std::uint64_t blocks) {
  return fmt::format("{} in {}", format_bytes(bytes),
                     format_things(blocks, "block"));
}

void print_site(Page& page, const Subject& subject, const analysis::Site& site,
                std::size_t rank) {
  const model::StackUse& use = site.use;
  const std::size_t room = page.width() - kRank;
  page.line(pad_left(fmt::format("{}  ", rank), kRank) +
            place_text(page, *site.location, room));
  const std::string source = page.clean(
      subject.sources.line(site.location->file, site.location->line));
  if (!source.empty())
    page.line(std::string(kRank, ' ') + shorten_end(source, room));
  std::string made = fmt::format("{} in {}", format_bytes(use.bytes_allocated),
                                 format_things(use.allocations, "allocation"));
  if (use.temporary > 0)
    made += fmt::format(", {} temporary", format_count(use.temporary));
  print_amount(page, "allocated",
               fmt::format("{}, through {}", made,
                           format_things(site.stacks.size(), "stack")));
  if (use.peak_bytes > 0)
    print_amount(page, "at peak",
                 bytes_in_blocks(use.peak_bytes, use.peak_blocks));
  if (use.live_blocks > 0)
    print_amount(page, "unreleased",
                 bytes_in_blocks(use.live_bytes, use.live_blocks));
  print_site_stacks(page, subject, site, analysis::Measure::BytesAllocated);
}

}  // namespace

void print_sites(Page& page, const Subject& subject) {
  const auto ranked =
      analysis::rank_sites(subject.sites, analysis::Measure::BytesAllocated);
  print_run_facts(page, subject);
  page.heading("ALLOCATION SITES", "most bytes allocated first");
  const std::size_t count = shown(subject, ranked.size());
  for (std::size_t i = 0; i < count; ++i)
    print_site(page, subject, *ranked[i], i + 1);
  if (count < ranked.size())
    page.line(page.paint(
        Tone::Dim,
        fmt::format("     and {} (--top 0 shows all)",
                    format_things(ranked.size() - count, "other site"))));
  print_missing_symbols(page, subject);
}

}  // namespace sagemem::report
