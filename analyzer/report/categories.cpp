// SPDX-License-Identifier: Apache-2.0
#include "report/categories.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "analysis/ranking.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Category;
using analysis::LimitUse;

// Columns in front of the name.
constexpr std::size_t kNumbers = 51;
constexpr const char* kColumnTitles =
    "   share    at peak   own peak  allocated    blocks";
// Categories named in the summary, Unknown not counted.
constexpr std::size_t kBriefly = 5;

struct Row {
  std::uint64_t peak_bytes = 0;
  std::optional<std::uint64_t> own_peak_bytes;  // where it is known
  std::uint64_t allocated_bytes = 0;
  std::uint64_t blocks = 0;
};

void print_row(Page& page, const Row& row, const Subject& subject,
               const std::string& name) {
  page.line(fmt::format(
      "{}{}{}{}{}  {}",
      pad_left(format_share(row.peak_bytes, subject.profile.peak.bytes), 8),
      page.paint(Tone::Strong, pad_left(format_bytes(row.peak_bytes), 11)),
      pad_left(row.own_peak_bytes ? format_bytes(*row.own_peak_bytes) : "-",
               11),
      pad_left(format_bytes(row.allocated_bytes), 11),
      // A hundred million blocks push the row out.
      pad_left(' ' + format_count(row.blocks), 10),
      shorten_end(page.clean(name), page.width() - kNumbers - 2)));
}

void print_category(Page& page, const Subject& subject, std::uint32_t index) {
  const Category& category = subject.breakdown.table.categories[index];
  const auto& over_time = subject.breakdown.over_time;
  Row row{.peak_bytes = category.use.peak_bytes,
          .own_peak_bytes = std::nullopt,
          .allocated_bytes = category.use.bytes_allocated,
          .blocks = category.use.allocations};
  if (!over_time.empty()) row.own_peak_bytes = over_time[index].most_bytes;
  print_row(page, row, subject, category.name);
}

void print_table(Page& page, const Subject& subject) {
  const auto& table = subject.breakdown.table;
  const auto ranked = analysis::rank_categories(table);
  page.heading(
      "CATEGORIES",
      fmt::format("by profile {}", page.clean(subject.breakdown.profile)));
  page.line(page.paint(Tone::Dim, kColumnTitles));
  // Unknown, which comes last, has its row in any case.
  const std::size_t named = ranked.size() - 1;
  const std::size_t count = shown(subject, named);
  for (std::size_t i = 0; i < count; ++i)
    print_category(page, subject, ranked[i]);
  print_category(page, subject, ranked.back());
  if (count < named)
    page.line(page.paint(
        Tone::Dim,
        fmt::format("  and {} more (--top 0 shows all)", named - count)));
}

// A list, broken between its parts and not inside them.
void print_parts(Page& page, const char* label,
                 const std::vector<std::string>& parts) {
  std::string line;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part = parts[i] + (i + 1 < parts.size() ? ", " : "");
    if (!line.empty() &&
        columns_of(line) + columns_of(part) > page.width() - Page::kLabel) {
      page.field(label, line);
      label = "";
      line.clear();
    }
    line += part;
  }
  page.field(label, line);
}

void print_unreleased(Page& page, const Subject& subject) {
  const auto& categories = subject.breakdown.table.categories;
  std::vector<const Category*> ranked;
  for (const Category& one : categories)
    if (one.use.live_blocks > 0) ranked.push_back(&one);
  if (ranked.empty()) return;
  std::sort(ranked.begin(), ranked.end(),
            [](const Category* a, const Category* b) {
              if (a->use.live_bytes != b->use.live_bytes)
                return a->use.live_bytes > b->use.live_bytes;
              if (a->use.live_blocks != b->use.live_blocks)
                return a->use.live_blocks > b->use.live_blocks;
              return a->name < b->name;
            });
  std::vector<std::string> parts;
  const std::size_t count = shown(subject, ranked.size());
  for (std::size_t i = 0; i < count; ++i)
    parts.push_back(
        fmt::format("{} {} in {}", page.clean(ranked[i]->name),
                    format_bytes(ranked[i]->use.live_bytes),
                    format_things(ranked[i]->use.live_blocks, "block")));
  if (count < ranked.size())
    parts.push_back(fmt::format("and {} more", ranked.size() - count));
  page.blank();
  print_parts(page, unreleased_label(subject.profile), parts);
}

void print_notes(Page& page, const Subject& subject) {
  const auto& table = subject.breakdown.table;
  if (table.told_by_order == 0) return;
  page.blank();
  page.field("Note",
             fmt::format("{} told apart by the order of the calls in the "
                         "code, because there is no line table",
                         format_things(table.told_by_order, "allocation")));
}

void print_unknown(Page& page, const Subject& subject) {
  const auto& table = subject.breakdown.table;
  const analysis::SiteTable sites = analysis::restrict_sites(
      subject.sites, subject.profile, [&table](model::StackId stack) {
        return table.category_of_stack[stack] == table.unknown();
      });
  page.heading("UNKNOWN",
               sites.sites.empty()
                   ? "no allocation"
                   : format_things(sites.sites.size(), "allocation site"));
  const auto ranked =
      analysis::order_sites(sites, analysis::Measure::PeakBytes);
  const std::size_t count = shown(subject, ranked.size());
  if (count > 0)
    page.line(page.paint(Tone::Dim, fmt::format("{:>11}{:>11}{:>10}", "at peak",
                                                "allocated", "blocks")));
  constexpr std::size_t kColumns = 32;
  for (std::size_t i = 0; i < count; ++i) {
    const model::StackUse& use = ranked[i]->use;
    page.line(fmt::format(
        "{}{}{}  {}", pad_left(format_bytes(use.peak_bytes), 11),
        pad_left(format_bytes(use.bytes_allocated), 11),
        pad_left(' ' + format_count(use.allocations), 10),
        place_text(page, *ranked[i]->location, page.width() - kColumns - 2)));
    print_site_stacks(page, subject, *ranked[i], analysis::Measure::PeakBytes);
  }
  if (count < ranked.size())
    page.line(page.paint(
        Tone::Dim,
        "  and " + format_things(ranked.size() - count, "other site")));
}

std::string amount(const LimitUse& limit, std::uint64_t value) {
  return limit.counts_blocks ? format_count(value) : format_bytes(value);
}

std::string scope_text(const Page& page, const Subject& subject,
                       model::ScopeId id) {
  if (id == model::kNoScope) return "";
  const model::ScopeProfile& scopes = subject.profile.scopes;
  const model::Scope& scope = scopes.scopes[id];
  return fmt::format(", in {} {}", page.clean(scopes.rules[scope.rule].name),
                     scope.number);
}

std::string limit_text(const Page& page, const Subject& subject,
                       const LimitUse& limit) {
  if (!limit.is_counted)
    return fmt::format("{}: at most {} of {}", page.clean(limit.name),
                       amount(limit, limit.bound), amount(limit, limit.limit));
  return fmt::format("{}: {} of {} ({}) at {}{}", page.clean(limit.name),
                     amount(limit, limit.most), amount(limit, limit.limit),
                     format_share(limit.most, limit.limit),
                     format_duration(limit.time_ns),
                     scope_text(page, subject, limit.scope));
}

std::vector<std::string> label_parts(const Page& page, const Subject& subject,
                                     const analysis::LabelValue& value) {
  std::vector<std::string> parts;
  for (const analysis::LabelPart& part : value.parts) {
    const auto& name = subject.breakdown.table.categories[part.category].name;
    parts.push_back(
        fmt::format("{} {}", page.clean(name),
                    format_share(part.allocated_bytes, value.allocated_bytes)));
  }
  return parts;
}

// The program's own categories; under each, what ours make of it.
void print_label(Page& page, const Subject& subject,
                 const analysis::Label& label) {
  page.heading(fmt::format("THE PROGRAM'S OWN: {}", page.clean(label.name)),
               "and in which of the above they are");
  page.line(page.paint(Tone::Dim, kColumnTitles));
  const std::size_t count = shown(subject, label.values.size());
  for (std::size_t i = 0; i < count; ++i) {
    const analysis::LabelValue& value = label.values[i];
    print_row(page,
              {.peak_bytes = value.peak_bytes,
               .own_peak_bytes = value.own_peak_bytes,
               .allocated_bytes = value.allocated_bytes,
               .blocks = value.allocated_blocks},
              subject, value.name);
    print_parts(page, "", label_parts(page, subject, value));
  }
  if (count < label.values.size())
    page.line(
        page.paint(Tone::Dim, fmt::format("  and {} more (--top 0 shows all)",
                                          label.values.size() - count)));
}

void print_limits(Page& page, const Subject& subject) {
  const auto& limits = subject.breakdown.limits;
  if (limits.empty()) return;
  page.blank();
  for (std::size_t i = 0; i < limits.size(); ++i)
    page.field(i == 0 ? "Limits" : "", limit_text(page, subject, limits[i]),
               limits[i].is_near() ? Tone::Bad : Tone::Plain);
}

}  // namespace

void print_categories(Page& page, const Subject& subject) {
  print_run_facts(page, subject);
  print_table(page, subject);
  print_unreleased(page, subject);
  print_limits(page, subject);
  print_notes(page, subject);
  for (const analysis::Label& label : subject.breakdown.labels)
    print_label(page, subject, label);
  print_unknown(page, subject);
  print_missing_symbols(page, subject);
}

void print_categories_briefly(Page& page, const Subject& subject) {
  const auto& table = subject.breakdown.table;
  const std::uint64_t whole = subject.profile.peak.bytes;
  if (whole == 0) return;
  const auto ranked = analysis::rank_categories(table);
  std::vector<std::string> parts;
  const auto add = [&](const std::string& name, std::uint64_t bytes) {
    parts.push_back(
        fmt::format("{} {}", page.clean(name), format_share(bytes, whole)));
  };
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i + 1 < ranked.size(); ++i) {
    const Category& one = table.categories[ranked[i]];
    if (one.use.peak_bytes == 0) break;
    if (i < kBriefly) {
      add(one.name, one.use.peak_bytes);
    } else {
      rest += one.use.peak_bytes;
    }
  }
  if (rest > 0) add("others", rest);
  const Category& unknown = table.categories[table.unknown()];
  // One name for the whole heap says nothing.
  if (parts.empty() || (parts.size() == 1 && unknown.use.peak_blocks == 0))
    return;
  add(unknown.name, unknown.use.peak_bytes);
  print_parts(page, "By category", parts);
}

void print_near_limits(Page& page, const Subject& subject) {
  for (const LimitUse& limit : subject.breakdown.limits)
    if (limit.is_near())
      page.field("Near its limit", limit_text(page, subject, limit), Tone::Bad);
}

}  // namespace sagemem::report
