// SPDX-License-Identifier: Apache-2.0
#include "report/reuse.h"

#include <fmt/format.h>

#include <cmath>

#include "analysis/reuse.h"
#include "report/run_facts.h"
#include "report/site_list.h"
#include "report/table.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Held;
using analysis::Reuse;
using analysis::ReuseKind;
using analysis::ReuseResult;

constexpr std::size_t kRank = 5;
constexpr std::size_t kLabels = 12;

void print_fact(Page& page, const char* label, const std::string& text) {
  page.line(std::string(kRank, ' ') +
            page.paint(Tone::Dim, pad_right(label, kLabels)) + text);
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

std::string held_text(const Held& held) {
  return fmt::format("{} at the most, {} of it in no block",
                     format_bytes(held.bytes), percent(held.fragmentation()));
}

std::string change_text(const Held& now, const Held& then) {
  if (format_bytes(now.bytes) == format_bytes(then.bytes)) {
    return fmt::format("as before, {} in no block",
                       percent(then.fragmentation()));
  }
  const bool is_less = then.bytes < now.bytes;
  return fmt::format(
      "{} instead of {}, {} {}; {} in no block", format_bytes(then.bytes),
      format_bytes(now.bytes),
      format_bytes(is_less ? now.bytes - then.bytes : then.bytes - now.bytes),
      is_less ? "less" : "more", percent(then.fragmentation()));
}

std::string error_text(const Subject& subject,
                       const analysis::ModelError& error) {
  if (error.samples == 0) return "not measured";
  return fmt::format(
      "the model is {} {} what was resident at {}: {} and {}",
      percent(std::abs(error.share())), error.share() < 0 ? "below" : "above",
      format_duration(shown_time(subject, error.time_ns)),
      format_bytes(error.modelled_bytes), format_bytes(error.measured_bytes));
}

std::string what_text(const Page& page, const ReuseResult& result) {
  const analysis::ReuseChoice& choice = result.choice;
  const std::string blocks =
      fmt::format("{} of {}", format_things(choice.blocks, "block"),
                  format_bytes(choice.bytes));
  if (choice.kind == ReuseKind::Pool) {
    return fmt::format("a pool of {}-byte blocks for {}",
                       format_count(choice.block_bytes), blocks);
  }
  return fmt::format("an arena, reset with each {}, for {}",
                     page.clean(choice.scope), blocks);
}

void print_result(Page& page, const Subject& subject, const Reuse& reuse,
                  const ReuseResult& result, std::size_t rank) {
  const std::size_t room = page.width() - kRank;
  std::string number = pad_left(fmt::format("{}  ", rank), kRank);
  for (const std::uint32_t site : result.choice.sites) {
    page.line(number +
              place_text(page, *subject.sites.sites[site].location, room));
    number = std::string(kRank, ' ');
  }
  print_fact(page, "use", what_text(page, result));
  print_fact(page, "calls",
             fmt::format("{} instead of {}", format_count(result.calls_then),
                         format_count(result.calls_now)));
  print_fact(page, "held", change_text(reuse.present, result.held));
}

}  // namespace

void print_reuse(Page& page, const Subject& subject) {
  const Reuse reuse = analysis::simulate_reuse(
      subject.profile, subject.sites,
      analysis::find_reuse_choices(subject.profile, subject.sites,
                                   subject.replay),
      subject.replay);
  print_run_facts(page, subject);
  page.heading("MEMORY HELD FROM THE SYSTEM", "by models of allocators");
  page.field("As it is", held_text(reuse.present), Tone::Strong);
  page.field("", error_text(subject, reuse.error));
  page.field("Slab, buddy", change_text(reuse.present, reuse.slab));
  page.heading("POOLS AND ARENAS", "most calls saved first");
  if (reuse.results.empty()) {
    page.line("  No site has blocks of one size, or of one scope.");
  }
  const std::size_t count = shown(subject, reuse.results.size());
  for (std::size_t i = 0; i < count; ++i) {
    print_result(page, subject, reuse, reuse.results[i], i + 1);
  }
  if (count < reuse.results.size()) {
    page.line(page.paint(
        Tone::Dim,
        fmt::format("     and {} (--top 0 shows all)",
                    format_things(reuse.results.size() - count, "other"))));
  }
  print_missing_symbols(page, subject);
}

}  // namespace sagemem::report
