// SPDX-License-Identifier: Apache-2.0
#include "report/info.h"

#include <fmt/format.h>

#include <cstring>

#include "analysis/exactness.h"
#include "report/facts.h"
#include "report/processes.h"
#include "report/run_facts.h"
#include "report/text.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

void print_info_field(Page& page, const model::Profile& profile,
                      const char* label, const char* key) {
  const std::string& value = profile.info_value(key);
  if (!value.empty()) page.field(label, page.clean(value));
}

void print_process(Page& page, const model::Profile& profile) {
  const trace::FileHeader& header = profile.header;
  page.heading("PROCESS");
  page.field("Command", page.clean(command_text(profile)));
  print_info_field(page, profile, "Program", trace::kInfoProgram);
  print_info_field(page, profile, "Directory", trace::kInfoDirectory);
  page.field("Pid",
             fmt::format("{}, of parent {}{}", header.pid, header.parent_pid,
                         (header.flags & trace::kFlagForked) != 0
                             ? ", a fork: the parent's blocks are not "
                               "in this trace"
                             : ""));
  page.field("Rank",
             header.rank >= 0 ? fmt::format("{}", header.rank) : "none");
  print_info_field(page, profile, "Host", trace::kInfoHost);
  print_info_field(page, profile, "Kernel", trace::kInfoKernel);
  print_info_field(page, profile, "Allocator", trace::kInfoAllocator);
  page.field("Page size", format_bytes(header.page_bytes));
  page.field("Started", format_wall_time(header.start_realtime_ns));
  const std::string end = format_wall_time(header.end_realtime_ns);
  page.field("Ended", end_text(profile) + (end.empty() ? "" : ", " + end));
  page.field("Duration", format_duration(profile.duration_ns));
  for (const auto& [key, value] : profile.info)
    if (key == trace::kInfoEnvironment)
      page.field("Environment", page.clean(value));
}

// Of the records, and what they take in the file when they are packed.
std::string bytes_per_event(const model::Profile& profile) {
  const auto events = static_cast<double>(profile.events);
  std::string text = fmt::format(
      "{:.2f} bytes", static_cast<double>(profile.record_bytes) / events);
  if ((profile.header.flags & trace::kFlagPacked) != 0)
    text += fmt::format(", {:.2f} packed",
                        static_cast<double>(profile.file_bytes) / events);
  return text;
}

void print_recording(Page& page, const Subject& subject) {
  const model::Profile& profile = subject.profile;
  const trace::FileHeader& header = profile.header;
  page.heading("RECORDING");
  page.field("Trace", page.clean(subject.trace));
  page.field("Format", fmt::format("version {}.{}", header.version_major,
                                   header.version_minor));
  print_info_field(page, profile, "Recorder", trace::kInfoVersion);
  page.field("Start number", format_count(header.start_counter));
  page.field("Clock", clock_text(profile));
  page.field("Closed", (header.flags & trace::kFlagClosed) != 0
                           ? "orderly"
                           : "no: the process ended without a word, or runs");
  const std::string stop = analysis::stop_text(profile);
  page.field("Stopped early",
             stop.empty()
                 ? "no"
                 : fmt::format("after {}: {}",
                               format_duration(stop_time_ns(profile)), stop));
  page.field("Maps recorded",
             (header.flags & trace::kFlagMmap) != 0 ? "yes" : "no");
  page.field("Events", format_count(profile.events));
  page.field("Segments", fmt::format("{} of {}", format_count(subject.segments),
                                     format_things(header.writers, "writer")));
  page.field("Size", format_bytes_exactly(profile.file_bytes));
  if (profile.events > 0) page.field("Per event", bytes_per_event(profile));
  page.field("Stacks", fmt::format("{} nodes in the tree",
                                   format_count(profile.stacks.size() - 1)));
}

void print_reservations(Page& page, const model::Profile& profile) {
  page.heading("EXACTNESS", profile.exact() ? "exact" : "not exact");
  const auto found = analysis::reservations(profile);
  if (found.empty()) page.line("  nothing lost, nothing to remark");
  for (const analysis::Reservation& one : found) {
    const bool bad = one.weight == analysis::Weight::Loss ||
                     one.weight == analysis::Weight::Anomaly;
    page.field(pad_left(format_count(one.count), Page::kLabel - 2), one.text,
               bad ? Tone::Bad : Tone::Plain);
  }
}

std::string symbols_text(const symbolize::SymbolSummary& summary) {
  if (summary.state != symbolize::SymbolState::Usable) return summary.reason;
  if (summary.has_lines) return "functions and lines";
  return summary.has_symbols ? "functions, no lines" : "no symbols";
}

void print_modules(Page& page, const Subject& subject) {
  const auto& modules = subject.profile.modules;
  page.heading("MODULES", format_things(modules.size(), "module"));
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const model::Module& module = modules[i];
    page.line("  " + shorten_path(page.clean(module.path), page.width() - 2));
    const std::string id = build_id_text(module);
    std::string text = fmt::format(
        "    {}  {}", id.empty() ? "no build id" : id, module_role(module));
    if (module.unloaded_ns >= 0)
      text +=
          fmt::format("loaded {} to {}, ", format_duration(module.loaded_ns),
                      format_duration(module.unloaded_ns));
    text += page.clean(
        symbols_text(subject.symbols.summary(static_cast<std::uint32_t>(i))));
    page.line(page.paint(Tone::Dim, text));
  }
}

}  // namespace

void print_info(Page& page, const Subject& subject) {
  print_process(page, subject.profile);
  print_recording(page, subject);
  print_reservations(page, subject.profile);
  print_modules(page, subject);
  print_thread_list(page, subject);
  print_processes(page, subject);
  print_mapped(page, subject);
}

}  // namespace sagemem::report
