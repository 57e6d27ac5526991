// SPDX-License-Identifier: Apache-2.0
#include "report/growth.h"

#include <fmt/format.h>

#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::FactorCost;
using analysis::GrowthRule;
using analysis::GrowthSite;

constexpr std::size_t kRank = 5;
constexpr std::size_t kLabels = 12;

void print_fact(Page& page, const char* label, const std::string& text) {
  page.line(std::string(kRank, ' ') +
            page.paint(Tone::Dim, pad_right(label, kLabels)) + text);
}

std::string increment_text(const GrowthSite& growth) {
  if (growth.count == 0) return format_bytes_exactly(growth.increment);
  return fmt::format("{}{} x {} bytes",
                     growth.is_unit_certain ? "" : "perhaps ",
                     format_count(growth.count), format_count(growth.unit));
}

std::string range_text(std::uint64_t low, std::uint64_t high) {
  if (format_bytes(low) == format_bytes(high)) return format_bytes(high);
  return fmt::format("{} to {}", format_bytes(low), format_bytes(high));
}

std::string ladders_text(const GrowthSite& growth) {
  const std::string steps =
      growth.least_steps == growth.most_steps
          ? format_things(growth.most_steps, "step")
          : fmt::format("{} to {}", format_count(growth.least_steps),
                        format_things(growth.most_steps, "step"));
  return fmt::format("{} of {}, from {}", format_count(growth.ladders), steps,
                     range_text(growth.first.least(), growth.first.most()));
}

std::string cost_text(const GrowthSite& growth) {
  if (growth.moves == 0) {
    return fmt::format("{}, none moved a block",
                       format_things(growth.steps, "call"));
  }
  return fmt::format("{}, {} copied by {} that moved the block",
                     format_things(growth.steps, "call"),
                     format_bytes(growth.bytes_copied),
                     format_count(growth.moves));
}

std::string factor_text(const FactorCost& cost) {
  return fmt::format("{}, at most {} copied, up to {} to spare",
                     format_things(cost.calls, "call"),
                     format_bytes(cost.bytes_copied),
                     format_bytes(cost.spare_bytes));
}

std::string reserve_text(const GrowthSite& growth) {
  const std::uint64_t most = growth.last.most();
  const std::uint64_t usual = growth.last.quantile(0.9);
  if (format_bytes(usual) == format_bytes(most)) {
    return format_bytes(most) + " from the start needs no realloc";
  }
  return fmt::format("{} from the start; {} does in nine of ten",
                     format_bytes(most), format_bytes(usual));
}

void print_site(Page& page, const Subject& subject, const GrowthSite& growth,
                std::size_t rank) {
  const symbolize::Location& location =
      *subject.sites.sites[growth.site].location;
  const std::size_t room = page.width() - kRank;
  page.line(pad_left(fmt::format("{}  ", rank), kRank) +
            place_text(page, location, room));
  const std::string source =
      page.clean(subject.sources.line(location.file, location.line));
  if (!source.empty()) {
    page.line(std::string(kRank, ' ') + shorten_end(source, room));
  }
  print_fact(page, "grows by", growth_rule_text(growth));
  print_fact(page, "ladders", ladders_text(growth));
  print_fact(page, "cost", cost_text(growth));
  for (const FactorCost& cost : growth.factors) {
    print_fact(page, fmt::format("factor {:g}", cost.factor).c_str(),
               factor_text(cost));
  }
  print_fact(page, "reserve", reserve_text(growth));
}

}  // namespace

std::string growth_rule_text(const GrowthSite& growth) {
  switch (growth.rule) {
    case GrowthRule::Fixed:
      return "fixed increment, " + increment_text(growth);
    case GrowthRule::Once:
      return "an increment from one size only, " + increment_text(growth);
    case GrowthRule::Geometric:
      return fmt::format("factor {:.3g}", growth.factor);
    case GrowthRule::Irregular:
      break;
  }
  return "no rule";
}

void print_growth(Page& page, const Subject& subject) {
  const std::vector<GrowthSite> found =
      analysis::find_growth(subject.sites, subject.replay);
  print_run_facts(page, subject);
  page.heading("BLOCKS THAT GROW BY REALLOC", "most bytes copied first");
  if (found.empty()) page.line("  None did.");
  const std::size_t count = shown(subject, found.size());
  for (std::size_t i = 0; i < count; ++i) {
    print_site(page, subject, found[i], i + 1);
  }
  if (count < found.size()) {
    page.line(page.paint(
        Tone::Dim,
        fmt::format("     and {} (--top 0 shows all)",
                    format_things(found.size() - count, "other site"))));
  }
  print_missing_symbols(page, subject);
}

}  // namespace sagemem::report
