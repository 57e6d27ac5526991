// SPDX-License-Identifier: Apache-2.0
#include "report/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/heap_curve.h"
#include "analysis/ranking.h"
#include "analysis/size_classes.h"
#include "report/categories.h"
#include "report/chart.h"
#include "report/facts.h"
#include "report/leak_facts.h"
#include "report/processes.h"
#include "report/run_facts.h"
#include "report/scopes.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Measure;
using Ranking = std::vector<const analysis::Site*>;

// Columns of the amount in front of a site that is named briefly.
constexpr std::size_t kAmountColumns = 31;

constexpr const char* kSizeTitles[] = {"<16",  "16-63", "64-255", "256-1K",
                                       "1-4K", "4-64K", "64K-1M", ">=1M"};

constexpr std::size_t kSizeColumn = 8;

// Sites named on the first screen beside the holders of the peak.
constexpr std::size_t kBriefly = 3;

void print_resident(Page& page, const model::Profile& profile) {
  const std::uint64_t most = max_resident_bytes(profile);
  std::string text;
  if (profile.peak.resident_bytes > 0) {
    const std::int64_t distance =
        profile.peak.resident_time_ns - profile.peak.time_ns;
    text = fmt::format("{} at the peak (sampled {} {})",
                       format_bytes(profile.peak.resident_bytes),
                       format_duration(std::abs(distance)),
                       distance < 0 ? "before" : "after");
  }
  if (most > 0)
    text += fmt::format("{}{} at most", text.empty() ? "" : ", ",
                        format_bytes(most));
  if (!text.empty()) page.field("Resident (RSS)", text);
}

// 0         ^ 640 ms                    2.50 s
std::string time_axis(const model::Profile& profile, std::size_t columns) {
  const std::string end = format_duration(profile.duration_ns);
  const std::string peak = "^ " + format_duration(profile.peak.time_ns);
  std::string axis = "0" + pad_left(end, columns - 1);
  const double share =
      static_cast<double>(profile.peak.time_ns) /
      static_cast<double>(std::max<std::int64_t>(profile.duration_ns, 1));
  const auto at = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) *
                                           static_cast<double>(columns));
  const bool fits = at > 1 && at + peak.size() + 2 < columns - end.size();
  if (fits) axis.replace(at, peak.size(), peak);
  return axis;
}

void print_curve(Page& page, const model::Profile& profile) {
  const std::size_t columns = page.width() - Page::kLabel - 1;
  const auto curve = analysis::heap_curve(profile, columns);
  if (std::all_of(curve.begin(), curve.end(),
                  [](std::uint64_t bytes) { return bytes == 0; }))
    return;
  page.line(pad_right("Heap over time", Page::kLabel) +
            page.paint(Tone::Ink, sparkline(curve, page.utf8()) + "|"));
  page.line(std::string(Page::kLabel, ' ') +
            page.paint(Tone::Dim, time_axis(profile, columns)));
}

void print_brief_site(Page& page, const std::string& amount,
                      const analysis::Site& site) {
  const std::size_t room = page.width() - kAmountColumns - 2;
  page.line(pad_left(amount, kAmountColumns) + "  " +
            place_text(page, *site.location, room));
}

void print_flow(Page& page, const model::Profile& profile) {
  const model::Totals& totals = profile.totals;
  std::string made =
      fmt::format("{} in {}", format_bytes(totals.bytes_allocated),
                  format_things(totals.allocations, "allocation"));
  if (totals.reallocations > 0)
    made += fmt::format(", {} of them by realloc",
                        format_count(totals.reallocations));
  if (totals.failed > 0)
    made += fmt::format("; {} failed", format_count(totals.failed));
  page.field("Allocated", made);
  page.field("Released",
             fmt::format("{} in {}", format_bytes(totals.bytes_released),
                         format_things(totals.releases, "release")));
}

void print_unreleased(Page& page, const Subject& subject,
                      const Ranking& leaks) {
  const model::Profile& profile = subject.profile;
  page.field(unreleased_label(profile),
             fmt::format("{} in {}", format_bytes_exactly(profile.leaked_bytes),
                         format_things(profile.leaked_blocks, "block")),
             profile.leaked_blocks > 0 ? Tone::Strong : Tone::Good);
  if (profile.leaks != nullptr)
    print_leak_facts(page, subject, find_leak_facts(subject));
  for (std::size_t i = 0; i < std::min(leaks.size(), kBriefly); ++i) {
    const model::StackUse& use = leaks[i]->use;
    print_brief_site(page,
                     fmt::format("{} in {}", format_bytes(use.live_bytes),
                                 format_things(use.live_blocks, "block")),
                     *leaks[i]);
  }
}

void print_temporary(Page& page, const Subject& subject,
                     const Ranking& temporary) {
  const model::Totals& totals = subject.profile.totals;
  page.field("Temporary",
             fmt::format("{} ({}) released before the thread's next allocation",
                         format_count(totals.temporary),
                         format_share(totals.temporary, totals.allocations)));
  if (temporary.empty()) return;
  print_brief_site(page, format_count(temporary.front()->use.temporary),
                   *temporary.front());
}

// Two rows of eight classes: calls and bytes.
void print_sizes(Page& page, const model::Profile& profile) {
  std::string titles = pad_right("Sizes", Page::kLabel - 4);
  std::string calls = pad_right("  of calls", Page::kLabel - 4);
  std::string bytes = pad_right("  of bytes", Page::kLabel - 4);
  const auto classes = analysis::coarse_size_classes(profile);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    titles += pad_left(kSizeTitles[i], kSizeColumn);
    calls += pad_left(
        format_share(classes[i].allocations, profile.totals.allocations),
        kSizeColumn);
    bytes +=
        pad_left(format_share(classes[i].bytes, profile.totals.bytes_allocated),
                 kSizeColumn);
  }
  page.line(titles);
  page.line(calls);
  page.line(bytes);
}

std::string size_range(const analysis::SizeClass& one) {
  if (one.low == one.high) return format_count(one.low);
  if (one.low < 1024) return fmt::format("{} - {}", one.low, one.high);
  return fmt::format("from {}", format_bytes(one.low));
}

void print_size_details(Page& page, const model::Profile& profile) {
  const auto classes = analysis::size_classes(profile);
  if (classes.empty()) return;
  page.heading("SIZES", "allocations");
  std::uint64_t most = 0;
  for (const analysis::SizeClass& one : classes)
    most = std::max(most, one.allocations);
  for (const analysis::SizeClass& one : classes) {
    if (one.allocations == 0) continue;
    page.line(fmt::format(
        "{}{}{}  {}", pad_left(size_range(one), 16),
        pad_left(format_count(one.allocations), 14),
        pad_left(format_bytes(one.bytes), 12),
        page.paint(Tone::Ink, bar(one.allocations, most, page.width() - 45,
                                  page.utf8()))));
  }
}

void print_leak_details(Page& page, const Subject& subject,
                        const Ranking& leaks) {
  if (leaks.size() <= kBriefly && subject.stacks == 0) return;
  page.heading(
      has_ended(subject.profile) ? "NEVER RELEASED" : "LIVE AT THE END",
      format_things(leaks.size(), "allocation site"));
  print_site_rows(page, subject, leaks, Measure::LiveBytes,
                  shown(subject, leaks.size()));
}

void print_temporary_details(Page& page, const Subject& subject,
                             const Ranking& temporary) {
  if (temporary.size() <= 1) return;
  page.heading("TEMPORARY", "of all allocations of the site");
  const std::size_t count = shown(subject, temporary.size());
  for (std::size_t i = 0; i < count; ++i) {
    const model::StackUse& use = temporary[i]->use;
    print_brief_site(
        page,
        fmt::format("{}  {}", format_count(use.temporary),
                    pad_left(format_share(use.temporary, use.allocations), 8)),
        *temporary[i]);
    print_site_stacks(page, subject, *temporary[i], Measure::Temporary);
  }
}

}  // namespace

void print_peak_facts(Page& page, const Subject& subject) {
  const model::Profile& profile = subject.profile;
  const model::Peak& peak = profile.peak;
  page.field("Peak heap",
             fmt::format("{} in {}", format_bytes_exactly(peak.bytes),
                         format_things(peak.blocks, "block")),
             Tone::Strong);
  page.field(
      "", fmt::format(
              "at {}, {} of the run", format_duration(peak.time_ns),
              format_share(static_cast<std::uint64_t>(peak.time_ns),
                           static_cast<std::uint64_t>(profile.duration_ns))));
  print_resident(page, profile);
  print_curve(page, profile);
}

void print_summary(Page& page, const Subject& subject) {
  const Ranking holders =
      analysis::rank_sites(subject.sites, Measure::PeakBytes);
  const Ranking leaks = analysis::rank_sites(subject.sites, Measure::LiveBytes);
  const Ranking temporary =
      analysis::rank_sites(subject.sites, Measure::Temporary);

  print_run_facts(page, subject);
  page.blank();
  print_peak_facts(page, subject);
  print_categories_briefly(page, subject);
  print_near_limits(page, subject);
  page.heading("WHO HELD THE PEAK",
               format_things(holders.size(), "allocation site"));
  print_site_rows(page, subject, holders, Measure::PeakBytes,
                  shown(subject, holders.size()));
  print_scope_facts(page, subject);
  page.blank();
  print_flow(page, subject.profile);
  print_unreleased(page, subject, leaks);
  print_temporary(page, subject, temporary);
  print_sizes(page, subject.profile);

  print_leak_details(page, subject, leaks);
  print_temporary_details(page, subject, temporary);
  print_size_details(page, subject.profile);
  print_thread_list(page, subject);
  print_processes(page, subject);
  print_mapped(page, subject);
  print_missing_symbols(page, subject);
  page.blank();
  page.line(
      page.paint(Tone::Dim,
                 "More: sagemem-report peak|leaks|sites|scopes|categories|info "
                 "TRACE; --full-stack"));
}

}  // namespace sagemem::report
