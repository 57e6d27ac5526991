// SPDX-License-Identifier: Apache-2.0
#include "report/site_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/chart.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Measure;

// Columns in front of the name: share, bytes, blocks.
constexpr std::size_t kNumbers = 30;
constexpr std::size_t kBar = 26;
constexpr std::size_t kStackIndent = 6;
constexpr std::size_t kLeastPlace = 22;

// Where the source is, or the file that the code came from.
std::string place_of(const symbolize::Location& location) {
  if (location.file.empty())
    return location.function.empty() ? ""
                                     : symbolize::base_name(location.module);
  const std::string file = symbolize::base_name(location.file);
  return location.line > 0 ? fmt::format("{}:{}", file, location.line) : file;
}

std::string function_text(const Page& page, const symbolize::Location& location,
                          std::size_t columns) {
  const std::string name = page.clean(location.name());
  return location.function.empty() ? shorten_middle(name, columns)
                                   : shorten_function(name, columns);
}

struct Holding {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
};

Holding holding(const model::StackUse& use, Measure by) {
  if (by == Measure::PeakBytes) return {use.peak_bytes, use.peak_blocks};
  return {use.live_bytes, use.live_blocks};
}

Holding total(const model::Profile& profile, Measure by) {
  if (by == Measure::PeakBytes)
    return {profile.peak.bytes, profile.peak.blocks};
  return {profile.leaked_bytes, profile.leaked_blocks};
}

std::string numbers_text(const Page& page, const Holding& holding,
                         std::uint64_t whole) {
  return fmt::format(
      "{}{}{}  ", pad_left(format_share(holding.bytes, whole), 8),
      page.paint(Tone::Strong, pad_left(format_bytes(holding.bytes), 11)),
      // A million blocks and more push the row out by a column.
      pad_left(' ' + format_count(holding.blocks), 9));
}

void print_row(Page& page, const Subject& subject, const analysis::Site& site,
               Measure by) {
  const Holding here = holding(site.use, by);
  const std::uint64_t whole = total(subject.profile, by).bytes;
  const std::size_t room = page.width() - kNumbers;
  page.line(numbers_text(page, here, whole) +
            function_text(page, *site.location, room));
  const std::string ink =
      pad_right(bar(here.bytes, whole, kBar, page.utf8()), kBar);
  page.line("  " + page.paint(Tone::Ink, ink) + "  " +
            source_text(page, subject, *site.location, room));
}

void print_rest(Page& page, const Subject& subject,
                const std::vector<const analysis::Site*>& ranked, Measure by,
                std::size_t count) {
  if (count >= ranked.size()) return;
  Holding rest;
  for (std::size_t i = count; i < ranked.size(); ++i) {
    const Holding one = holding(ranked[i]->use, by);
    rest.bytes += one.bytes;
    rest.blocks += one.blocks;
  }
  page.line(numbers_text(page, rest, total(subject.profile, by).bytes) +
            page.paint(Tone::Dim, "in " + format_things(ranked.size() - count,
                                                        "other site")));
}

bool has_inlined(const Subject& subject, model::StackId stack) {
  const model::StackTree& stacks = subject.profile.stacks;
  for (; stack != model::kRootStack; stack = stacks.outer(stack))
    if (subject.symbols.resolve(stacks.frame(stack)).size() > 1) return true;
  return false;
}

std::string stack_amount(const model::StackUse& use, Measure by) {
  switch (by) {
    case Measure::Temporary:
      return format_count(use.temporary) + " temporary";
    case Measure::BytesAllocated:
      return fmt::format("{} in {}", format_bytes(use.bytes_allocated),
                         format_things(use.allocations, "allocation"));
    case Measure::PeakBytes:
    case Measure::LiveBytes:
      break;
  }
  const Holding here = holding(use, by);
  return fmt::format("{} in {}", format_bytes(here.bytes),
                     format_things(here.blocks, "block"));
}

void print_stack(Page& page, const Subject& subject, model::StackId stack) {
  const model::StackTree& stacks = subject.profile.stacks;
  const std::size_t room = page.width() - kStackIndent - 2;
  for (; stack != model::kRootStack; stack = stacks.outer(stack))
    for (const symbolize::Location* at :
         subject.symbols.resolve(stacks.frame(stack)))
      page.line(std::string(kStackIndent, ' ') + (at->inlined ? "i " : "  ") +
                place_text(page, *at, room));
}

}  // namespace

std::string place_text(const Page& page, const symbolize::Location& location,
                       std::size_t columns) {
  std::string place = page.clean(place_of(location));
  // The place gives way first, but not below what tells files apart.
  const std::size_t least = std::min(columns_of(place), kLeastPlace);
  const std::size_t gap = place.empty() ? 0 : 2;
  const std::string function =
      function_text(page, location, columns - least - gap);
  place = shorten_middle(place, columns - columns_of(function) - gap);
  const std::size_t used = columns_of(function) + columns_of(place);
  return function + std::string(columns - used, ' ') +
         page.paint(Tone::Dim, place);
}

std::string source_text(const Page& page, const Subject& subject,
                        const symbolize::Location& location,
                        std::size_t columns) {
  const std::string place =
      shorten_middle(page.clean(place_of(location)), columns);
  const std::string source =
      page.clean(subject.sources.line(location.file, location.line));
  const std::size_t used = columns_of(place) + 2;
  // A few characters of a statement say nothing.
  if (source.empty() || used + 8 > columns) return page.paint(Tone::Dim, place);
  return page.paint(Tone::Dim, place) + "  " +
         shorten_end(source, columns - used);
}

void print_site_rows(Page& page, const Subject& subject,
                     const std::vector<const analysis::Site*>& ranked,
                     Measure by, std::size_t count) {
  count = std::min(count, ranked.size());
  if (count > 0)
    page.line(page.paint(Tone::Dim, fmt::format("{:>8}{:>11}{:>9}", "share",
                                                "bytes", "blocks")));
  for (std::size_t i = 0; i < count; ++i) {
    print_row(page, subject, *ranked[i], by);
    print_site_stacks(page, subject, *ranked[i], by);
  }
  print_rest(page, subject, ranked, by, count);
}

void print_site_stacks(Page& page, const Subject& subject,
                       const analysis::Site& site, Measure by) {
  if (subject.stacks == 0) return;
  const auto ranked =
      analysis::rank_stacks(subject.profile, subject.symbols, site, by);
  const std::size_t count = std::min(subject.stacks, ranked.size());
  for (std::size_t i = 0; i < count; ++i) {
    const model::StackUse& use = subject.profile.uses[ranked[i]];
    page.line(page.paint(
        Tone::Dim,
        fmt::format("    stack {} of {}: {}{}", i + 1, ranked.size(),
                    stack_amount(use, by),
                    has_inlined(subject, ranked[i]) ? " (i: inlined)" : "")));
    print_stack(page, subject, ranked[i]);
  }
  if (count < ranked.size())
    page.line(page.paint(
        Tone::Dim,
        fmt::format("    and {} (--stacks {})",
                    format_things(ranked.size() - count, "other stack"),
                    ranked.size())));
}

}  // namespace sagemem::report
