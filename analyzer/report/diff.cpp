// SPDX-License-Identifier: Apache-2.0
#include "report/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "report/diff_numbers.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Likeness;
using analysis::SiteChange;
using analysis::SiteFigures;
using analysis::Verdict;

constexpr std::size_t kChange = 12;  // columns of a number with its sign
constexpr std::size_t kNumber = 11;

std::string amount(std::uint64_t value, Unit unit) {
  if (unit == Unit::Bytes) return format_bytes(value);
  if (unit == Unit::Time)
    return format_duration(static_cast<std::int64_t>(value));
  return format_count(value);
}

std::string change_text(std::uint64_t before, std::uint64_t after, Unit unit) {
  if (before == after) return "0";
  return before < after ? "+" + amount(after - before, unit)
                        : "-" + amount(before - after, unit);
}

// "+25.0 %"; nothing where there was nothing before.
std::string percent_text(std::uint64_t before, std::uint64_t after) {
  if (before == 0 || before == after) return "";
  const double share =
      (static_cast<double>(after) / static_cast<double>(before) - 1) * 100;
  return share < 1000 ? fmt::format("{:+.1f} %", share)
                      : fmt::format("x {:.0f}", share / 100 + 1);
}

// What a run's own lines say, with its name in front.
void print_side(Page& page, const Subject& subject, const char* title) {
  page.heading(title, page.clean(subject.trace));
  print_run_facts(page, subject);
}

// The time is a fact about the machine as much as about the program: nothing is
// concluded from it.
void print_wholes(Page& page, const DiffSubject& subject) {
  page.heading("IN ALL");
  page.line(
      page.paint(Tone::Dim, fmt::format("  {:<22}{:>11}{:>11}{:>12}{:>11}", "",
                                        "old", "new", "change", "")));
  for (const WholeNumber& one :
       whole_numbers(subject.before.profile, subject.after.profile)) {
    if (one.unit == Unit::Time && subject.after.is_reproducible) continue;
    const bool is_noise =
        subject.diff.noise.covers(one.before, one.after, one.before);
    page.line(fmt::format(
        "  {}{}{}{}{}", pad_right(one.title, 22),
        pad_left(amount(one.before, one.unit), kNumber),
        pad_left(amount(one.after, one.unit), kNumber),
        page.paint(
            is_noise ? Tone::Dim : Tone::Strong,
            pad_left(change_text(one.before, one.after, one.unit), kChange)),
        pad_left(percent_text(one.before, one.after), kNumber)));
  }
}

// ---------------------------------------------------------------------- sites

struct Measured {
  const char* title;
  Verdict SiteChange::*verdict;
  std::uint64_t SiteFigures::*figure;
};

constexpr Measured kMeasures[] = {
    {"NEVER RELEASED", &SiteChange::leaked, &SiteFigures::leaked_bytes},
    {"HIGHEST POINT OF EACH SITE", &SiteChange::own_peak,
     &SiteFigures::own_peak_bytes},
    {"ALLOCATED", &SiteChange::allocated, &SiteFigures::bytes_allocated},
};

// "was util.c:9".
std::string origin_text(const Page& page, const SiteChange& change) {
  if (change.before == nullptr || change.after == nullptr) return "";
  const std::string file = symbolize::base_name(change.before->file);
  switch (change.likeness) {
    case Likeness::Same:
      return "";
    case Likeness::Moved:
      return fmt::format("  was line {}", change.before->line);
    case Likeness::Renamed:
      return file.empty()
                 ? "  was in " +
                       page.clean(symbolize::base_name(change.before->module))
                 : fmt::format("  was {}:{}", page.clean(file),
                               change.before->line);
  }
  return "";
}

void print_site(Page& page, const SiteChange& change,
                const Measured& measured) {
  const std::uint64_t before = change.old_use.*measured.figure;
  const std::uint64_t after = change.new_use.*measured.figure;
  const Verdict verdict = change.*measured.verdict;
  const std::string numbers = fmt::format(
      "  {}{}{}  {}",
      page.paint(
          before < after ? Tone::Bad : Tone::Good,
          pad_left(change_text(before, after, Unit::Bytes), kChange - 1)),
      pad_left(format_bytes(before), kNumber),
      pad_left(format_bytes(after), kNumber),
      pad_right(verdict_word(verdict), 8));
  constexpr std::size_t kUsed = 2 + kChange - 1 + 2 * kNumber + 2 + 8;
  const std::string origin = origin_text(page, change);
  const std::size_t room =
      page.width() - std::min(page.width(), kUsed + columns_of(origin));
  page.line(
      numbers +
      place_text(page, change.location(), std::max(room, std::size_t{24})) +
      page.paint(Tone::Dim, origin));
}

std::string counts_text(const std::vector<const SiteChange*>& changes,
                        Verdict SiteChange::*verdict) {
  std::string text;
  for (const Verdict wanted :
       {Verdict::New, Verdict::Gone, Verdict::Grown, Verdict::Shrunk}) {
    const auto count = std::count_if(
        changes.begin(), changes.end(),
        [&](const SiteChange* change) { return change->*verdict == wanted; });
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", count, verdict_word(wanted));
  }
  return text;
}

void print_sites(Page& page, const DiffSubject& subject,
                 const Measured& measured) {
  const auto changes =
      analysis::changed_sites(subject.diff, measured.verdict, measured.figure);
  page.heading(measured.title, counts_text(changes, measured.verdict));
  if (changes.empty()) return page.line("  No difference.");
  const std::size_t count = shown(subject.after, changes.size());
  page.line(page.paint(
      Tone::Dim, fmt::format("  {:>11}{:>11}{:>11}", "change", "old", "new")));
  for (std::size_t i = 0; i < count; ++i)
    print_site(page, *changes[i], measured);
  if (count < changes.size())
    page.line(
        page.paint(Tone::Dim, fmt::format("  and {} more (--top 0 shows all)",
                                          changes.size() - count)));
}

// --------------------------------------------------------------------- scopes

// One scope: its peak, and what escaped where that changed.
void print_scope(Page& page, const DiffSubject& subject,
                 const analysis::ScopeChange& change) {
  const model::Scope& before =
      subject.before.profile.scopes.scopes[change.before];
  const model::Scope& after = subject.after.profile.scopes.scopes[change.after];
  const auto numbers = [&](const char* what, std::uint64_t a, std::uint64_t b) {
    page.line(fmt::format(
        "  {}{}{}  {} {}  {}",
        page.paint(a < b ? Tone::Bad : Tone::Good,
                   pad_left(change_text(a, b, Unit::Bytes), kChange - 1)),
        pad_left(format_bytes(a), kNumber), pad_left(format_bytes(b), kNumber),
        page.clean(change.rule), change.number, what));
  };
  if (change.peak != Verdict::Same)
    numbers("peak", before.peak_bytes, after.peak_bytes);
  if (change.escaped != Verdict::Same)
    numbers("escaped", before.escaped_bytes, after.escaped_bytes);
  if (change.allocated != Verdict::Same)
    numbers("allocated", before.allocated_bytes, after.allocated_bytes);
}

void print_scopes(Page& page, const DiffSubject& subject) {
  const analysis::Diff& diff = subject.diff;
  const std::uint64_t pairs = diff.scopes.size() + diff.equal_scopes;
  if (pairs + diff.old_scopes + diff.new_scopes == 0) return;
  page.heading("SCOPES",
               fmt::format("{} with equal numbers and captured values",
                           format_count(pairs)));
  if (diff.old_scopes + diff.new_scopes > 0)
    page.line(fmt::format("  {} only in the old run, {} only in the new one",
                          format_count(diff.old_scopes),
                          format_count(diff.new_scopes)));
  if (diff.scopes.empty()) return page.line("  No difference.");
  const std::size_t count = shown(subject.after, diff.scopes.size());
  page.line(page.paint(
      Tone::Dim, fmt::format("  {:>11}{:>11}{:>11}", "change", "old", "new")));
  for (std::size_t i = 0; i < count; ++i)
    print_scope(page, subject, diff.scopes[i]);
  if (count < diff.scopes.size())
    page.line(
        page.paint(Tone::Dim, fmt::format("  and {} more (--top 0 shows all)",
                                          diff.scopes.size() - count)));
}

void print_noise(Page& page, const DiffSubject& subject) {
  const analysis::Diff& diff = subject.diff;
  const auto same =
      std::count_if(diff.sites.begin(), diff.sites.end(),
                    [](const SiteChange& change) { return change.is_same(); });
  page.blank();
  page.field("Left out",
             fmt::format("{} without a difference beyond noise: {:g} % of its "
                         "number and {:g} % of the whole (--noise 0 shows all)",
                         format_things(static_cast<std::uint64_t>(same),
                                       "allocation site"),
                         diff.noise.share * 100, diff.noise.share * 10));
}

}  // namespace

DiffSubject compare(const Subject& before, const Subject& after) {
  analysis::Noise noise;
  noise.share = after.query.noise;
  return {
      before, after,
      analysis::find_diff(
          {before.profile, before.sites, before.sources, before.replay},
          {after.profile, after.sites, after.sources, after.replay}, noise)};
}

void print_diff(Page& page, const DiffSubject& subject) {
  print_side(page, subject.before, "OLD");
  print_side(page, subject.after, "NEW");
  print_wholes(page, subject);
  for (const Measured& measured : kMeasures)
    print_sites(page, subject, measured);
  print_scopes(page, subject);
  print_noise(page, subject);
  print_missing_symbols(page, subject.after);
}

}  // namespace sagemem::report
