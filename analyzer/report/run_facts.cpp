// SPDX-License-Identifier: Apache-2.0
#include "report/run_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "analysis/exactness.h"
#include "report/filter_facts.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Weight;
using trace::EndKind;

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name != nullptr ? fmt::format("{} (SIG{})", number, name)
                         : fmt::format("{}", number);
}

std::string process_text(const model::Profile& profile) {
  std::string text = fmt::format("pid {}", profile.header.pid);
  if (profile.header.rank >= 0)
    text += fmt::format(", rank {}", profile.header.rank);
  const std::string& host = profile.info_value(trace::kInfoHost);
  return host.empty() ? text : text + " on " + host;
}

void print_reservations(Page& page, const model::Profile& profile,
                        bool losses) {
  for (const analysis::Reservation& found : analysis::reservations(profile)) {
    const bool is_loss =
        found.weight == Weight::Loss || found.weight == Weight::Anomaly;
    if (is_loss != losses || found.weight == Weight::Remark) continue;
    page.field("", fmt::format("{}: {}", found.text, format_count(found.count)),
               is_loss ? Tone::Bad : Tone::Plain);
  }
}

// What threads that left time stamps out leave open.
std::string order_text(const model::Peak& peak) {
  const std::uint64_t off = std::max(peak.bytes - peak.bounds.least_bytes,
                                     peak.bounds.most_bytes - peak.bytes);
  const std::uint64_t parts = peak.bounds.parts_bytes;
  std::string text;
  if (off != 0) text += fmt::format("; the peak within {}", format_bytes(off));
  if (parts != 0) {
    text += fmt::format("; peaks of parts within {}", format_bytes(parts));
  }
  return text;
}

void print_exactness(Page& page, const model::Profile& profile) {
  if (profile.exact()) {
    page.field("Numbers",
               "EXACT: every allocation and release, " +
                   format_things(profile.events, "event") +
                   order_text(profile.peak),
               Tone::Good);
  } else {
    const std::uint64_t lost = profile.lost_events();
    page.field("Numbers",
               lost > 0 ? fmt::format("NOT EXACT: {} not recorded, {} are",
                                      format_things(lost, "event"),
                                      format_count(profile.events))
                        : fmt::format("NOT EXACT: {} recorded",
                                      format_things(profile.events, "event")),
               Tone::Bad);
    print_reservations(page, profile, true);
  }
  print_reservations(page, profile, false);
}

// Which numbers are those of the whole run.
void print_scope(Page& page) {
  page.field(
      "",
      "How much was allocated and how often, and how often released, was "
      "counted to the end of the program.  All else ends where recording "
      "stopped: peak, live blocks, bytes released, sites, threads, "
      "sizes, times.",
      Tone::Bad);
}

}  // namespace

std::string command_text(const model::Profile& profile) {
  const std::string& command = profile.info_value(trace::kInfoCommand);
  std::string text;
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find('\0', at), command.size());
    if (!text.empty()) text += ' ';
    text += shell_quoted(std::string_view(command).substr(at, end - at));
    at = end + 1;
  }
  return text.empty() ? profile.info_value(trace::kInfoProgram) : text;
}

std::string end_text(const model::Profile& profile) {
  const int status = profile.header.end_status;
  switch (static_cast<EndKind>(profile.header.end_kind)) {
    case EndKind::Exit:
      return fmt::format("exit code {}", status);
    case EndKind::ImmediateExit:
      return fmt::format("exit code {} by _exit", status);
    case EndKind::Exec:
      return "replaced by another program (exec)";
    case EndKind::Abort:
      return "abort() was called";
    case EndKind::Signal:
      return "killed by signal " + signal_name(status);
    case EndKind::Unknown:
      break;
  }
  return "without a word: killed by a signal, or still running";
}

std::int64_t stop_time_ns(const model::Profile& profile) {
  const trace::FileHeader& header = profile.header;
  if (header.stop_ticks < header.start_ticks || profile.ticks_per_ns <= 0)
    return 0;
  return static_cast<std::int64_t>(
      static_cast<double>(header.stop_ticks - header.start_ticks) /
      profile.ticks_per_ns);
}

bool is_end_known(const model::Profile& profile) {
  const std::uint32_t kind = profile.header.end_kind;
  return kind >= static_cast<std::uint32_t>(EndKind::Exit) &&
         kind <= static_cast<std::uint32_t>(EndKind::Signal);
}

bool has_ended(const model::Profile& profile) {
  const auto kind = static_cast<EndKind>(profile.header.end_kind);
  return (kind == EndKind::Exit || kind == EndKind::ImmediateExit) &&
         !profile.stopped();
}

const char* unreleased_label(const model::Profile& profile) {
  if (profile.stopped()) return "Live at stop";
  return has_ended(profile) ? "Never released" : "Live at the end";
}

void print_run_facts(Page& page, const Subject& subject) {
  const model::Profile& profile = subject.profile;
  const std::string command = page.clean(command_text(profile));
  page.field("Command", shorten_end(command, page.width() - Page::kLabel),
             Tone::Strong);
  page.field("Ended",
             fmt::format("{}{} {} ({})", end_text(profile),
                         is_end_known(profile) ? " after" : "; last event at",
                         format_duration(profile.duration_ns),
                         page.clean(process_text(profile))));
  if ((profile.header.flags & trace::kFlagForked) != 0)
    page.field("Forked", fmt::format("from pid {}; the heap that it inherited "
                                     "is not in these numbers",
                                     profile.header.parent_pid));
  const std::string stop = analysis::stop_text(profile);
  if (!stop.empty())
    page.field("Recording",
               fmt::format("stopped after {}: {}",
                           format_duration(stop_time_ns(profile)), stop),
               Tone::Bad);
  if (profile.stopped() && !profile.is_filtered) print_scope(page);
  print_exactness(page, profile);
  print_filter(page, subject);
}

void print_missing_symbols(Page& page, const Subject& subject) {
  const auto unreadable = subject.symbols.unreadable();
  if (unreadable.empty()) return;
  page.heading("MODULES WITHOUT NAMES", "shown as module+offset");
  for (const symbolize::UnreadableModule& module : unreadable) {
    const std::string reason = page.clean(module.reason);
    const std::size_t room = page.width() - 2;
    const std::size_t path = room - std::min(room, columns_of(reason) + 2);
    page.line("  " + shorten_path(page.clean(module.path), path) + "  " +
              page.paint(Tone::Dim, reason));
  }
}

}  // namespace sagemem::report
