// SPDX-License-Identifier: Apache-2.0
#include "report/json_parts.h"

#include <algorithm>

#include "analysis/exactness.h"
#include "report/facts.h"
#include "report/filter_facts.h"
#include "report/run_facts.h"
#include "report/units.h"

namespace sagemem::report {
namespace {

using analysis::Measure;
using trace::EndKind;
using trace::StopReason;

constexpr int kSchemaVersion = 1;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json number_or_null(std::uint64_t number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json json_arguments(const model::Profile& profile) {
  Json arguments = Json::array();
  const std::string& command = profile.info_value(trace::kInfoCommand);
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find('\0', at), command.size());
    arguments.push_back(command.substr(at, end - at));
    at = end + 1;
  }
  return arguments;
}

Json json_process(const model::Profile& profile) {
  const trace::FileHeader& header = profile.header;
  Json process;
  process["command"] = json_arguments(profile);
  process["program"] = text_or_null(profile.info_value(trace::kInfoProgram));
  process["directory"] =
      text_or_null(profile.info_value(trace::kInfoDirectory));
  process["pid"] = header.pid;
  process["parent_pid"] = header.parent_pid;
  process["rank"] = header.rank >= 0 ? Json(header.rank) : Json(nullptr);
  process["host"] = text_or_null(profile.info_value(trace::kInfoHost));
  process["kernel"] = text_or_null(profile.info_value(trace::kInfoKernel));
  process["allocator"] =
      text_or_null(profile.info_value(trace::kInfoAllocator));
  process["started"] = text_or_null(format_wall_time(header.start_realtime_ns));
  process["ended"] = text_or_null(format_wall_time(header.end_realtime_ns));
  process["duration_ns"] = profile.duration_ns;
  process["forked"] = (header.flags & trace::kFlagForked) != 0;
  process["children"] = profile.children;
  return process;
}

const char* end_kind_key(const model::Profile& profile) {
  switch (static_cast<EndKind>(profile.header.end_kind)) {
    case EndKind::Exit:
      return "exit";
    case EndKind::ImmediateExit:
      return "immediate_exit";
    case EndKind::Exec:
      return "exec";
    case EndKind::Abort:
      return "abort";
    case EndKind::Signal:
      return "signal";
    case EndKind::Unknown:
      break;
  }
  return "unknown";
}

// The exit code, the number of the signal, or null.
Json json_end(const model::Profile& profile) {
  const auto kind = static_cast<EndKind>(profile.header.end_kind);
  const bool has_status = kind == EndKind::Exit ||
                          kind == EndKind::ImmediateExit ||
                          kind == EndKind::Signal;
  Json end;
  end["kind"] = end_kind_key(profile);
  end["status"] = has_status ? Json(profile.header.end_status) : Json(nullptr);
  return end;
}

const char* stop_reason_key(const model::Profile& profile) {
  switch (static_cast<StopReason>(profile.header.stop_reason)) {
    case StopReason::None:
      return nullptr;
    case StopReason::NoSpace:
      return "no_space";
    case StopReason::MapFailed:
      return "map_failed";
    case StopReason::FileSizeLimit:
      return "file_size_limit";
    case StopReason::SizeLimit:
      return "size_limit";
  }
  return "unknown";
}

// What Totals hold beyond the events; null when recording went on to the end.
Json json_late(const model::Profile& profile) {
  if (!profile.stopped() || profile.is_filtered) return nullptr;
  Json late;
  late["allocations"] = profile.late.allocations;
  late["frees"] = profile.late.releases;
  late["bytes_allocated"] = profile.late.bytes_allocated;
  late["reallocations"] = profile.late.reallocations;
  late["failed"] = profile.late.failed;
  return late;
}

Json json_recording(const model::Profile& profile) {
  const char* reason = stop_reason_key(profile);
  Json recording;
  recording["complete"] = reason == nullptr;
  recording["stop_reason"] = reason != nullptr ? Json(reason) : Json(nullptr);
  recording["stop_errno"] = number_or_null(
      static_cast<std::uint64_t>(std::max(profile.header.stop_errno, 0)));
  recording["stop_time_ns"] =
      reason != nullptr ? Json(stop_time_ns(profile)) : Json(nullptr);
  recording["events"] = profile.events;
  recording["after_stop"] = json_late(profile);
  return recording;
}

// The counters of some weights, by key; those that are 0 as well.
template <typename Select>
Json json_counters(const model::Profile& profile, Select select) {
  Json counters = Json::object();
  for (const analysis::Reservation& one : analysis::all_reservations(profile))
    if (select(one)) counters[one.key] = one.count;
  return counters;
}

Json json_frames(const Subject& subject, model::StackId stack) {
  Json frames = Json::array();
  const model::StackTree& stacks = subject.profile.stacks;
  for (; stack != model::kRootStack; stack = stacks.outer(stack))
    for (const symbolize::Location* at :
         subject.symbols.resolve(stacks.frame(stack))) {
      frames.push_back(json_location(*at));
      frames.back()["inlined"] = at->inlined;
    }
  return frames;
}

Json json_stacks(const Subject& subject, const analysis::Site& site,
                 Measure by) {
  Json result = Json::array();
  const auto ranked =
      analysis::rank_stacks(subject.profile, subject.symbols, site, by);
  const std::size_t count = std::min(subject.stacks, ranked.size());
  for (std::size_t i = 0; i < count; ++i) {
    Json stack;
    add_use(stack, subject.profile.uses[ranked[i]]);
    stack["own_peak_bytes"] = subject.profile.uses[ranked[i]].own_peak_bytes;
    stack["frames"] = json_frames(subject, ranked[i]);
    result.push_back(std::move(stack));
  }
  return result;
}

}  // namespace

void add_use(Json& json, const model::StackUse& use) {
  json["allocations"] = use.allocations;
  json["bytes_allocated"] = use.bytes_allocated;
  json["temporary"] = use.temporary;
  json["peak_bytes"] = use.peak_bytes;
  json["peak_blocks"] = use.peak_blocks;
  json["leaked_bytes"] = use.live_bytes;
  json["leaked_blocks"] = use.live_blocks;
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_schema(const char* report) {
  Json json;
  json["schema"]["name"] = std::string("sagemem.") + report;
  json["schema"]["version"] = kSchemaVersion;
  return json;
}

Json json_head(const Subject& subject, const char* report) {
  const model::Profile& profile = subject.profile;
  Json head = json_schema(report);
  head["trace"] = subject.trace;
  head["exact"] = profile.exact();
  head["process"] = json_process(profile);
  head["end"] = json_end(profile);
  head["recording"] = json_recording(profile);
  if (profile.is_filtered) head["filter"] = json_filter(subject);
  return head;
}

Json json_location(const symbolize::Location& location) {
  Json place;
  place["function"] = location.name();
  place["file"] = text_or_null(location.file);
  place["line"] = number_or_null(location.line);
  place["module"] = text_or_null(location.module);
  return place;
}

Json json_totals(const model::Profile& profile) {
  Json totals;
  totals["allocations"] = profile.totals.allocations;
  totals["frees"] = profile.totals.releases;
  totals["bytes_allocated"] = profile.totals.bytes_allocated;
  totals["bytes_freed"] = profile.totals.bytes_released;
  totals["reallocations"] = profile.totals.reallocations;
  totals["failed"] = profile.totals.failed;
  return totals;
}

Json json_peak(const model::Profile& profile) {
  const bool has_resident = profile.peak.resident_bytes > 0;
  Json peak;
  peak["bytes"] = profile.peak.bytes;
  peak["blocks"] = profile.peak.blocks;
  peak["least_bytes"] = profile.peak.bounds.least_bytes;
  peak["most_bytes"] = profile.peak.bounds.most_bytes;
  peak["parts_within_bytes"] = profile.peak.bounds.parts_bytes;
  peak["time_ns"] = profile.peak.time_ns;
  peak["resident_bytes"] = number_or_null(profile.peak.resident_bytes);
  peak["resident_time_ns"] =
      has_resident ? Json(profile.peak.resident_time_ns) : Json(nullptr);
  peak["max_resident_bytes"] = number_or_null(max_resident_bytes(profile));
  return peak;
}

Json json_leaked(const model::Profile& profile) {
  Json leaked;
  leaked["blocks"] = profile.leaked_blocks;
  leaked["bytes"] = profile.leaked_bytes;
  return leaked;
}

Json json_lost(const model::Profile& profile) {
  Json lost;
  lost["events"] = profile.lost_events();
  lost["by_reason"] = json_counters(profile, [](const auto& one) {
    return one.weight == analysis::Weight::Loss;
  });
  return lost;
}

Json json_anomalies(const model::Profile& profile) {
  return json_counters(profile, [](const auto& one) {
    return one.source == analysis::Source::Replay;
  });
}

Json json_notices(const model::Profile& profile) {
  return json_counters(profile, [](const auto& one) {
    return one.source == analysis::Source::Notice;
  });
}

Json json_threads(const model::Profile& profile) {
  Json threads = Json::array();
  for (const model::Thread& thread : profile.threads) {
    Json one;
    one["tid"] = thread.tid;
    one["name"] = thread.name;
    one["allocations"] = thread.allocations;
    one["bytes_allocated"] = thread.bytes_allocated;
    one["frees"] = thread.releases;
    threads.push_back(std::move(one));
  }
  return threads;
}

Json json_mapped(const model::Profile& profile) {
  if ((profile.header.flags & trace::kFlagMmap) == 0) return nullptr;
  Json mapped;
  mapped["maps"] = profile.mapped.maps;
  mapped["unmaps"] = profile.mapped.unmaps;
  mapped["bytes_mapped"] = profile.mapped.bytes_mapped;
  mapped["peak_bytes"] = profile.mapped.peak_bytes;
  mapped["live_bytes"] = profile.mapped.live_bytes;
  return mapped;
}

Json json_sites(const Subject& subject,
                const std::vector<const analysis::Site*>& ranked, Measure by) {
  Json sites = Json::array();
  const std::size_t count = shown(subject, ranked.size());
  for (std::size_t i = 0; i < count; ++i) {
    Json site = json_location(*ranked[i]->location);
    add_use(site, ranked[i]->use);
    site["stacks"] = ranked[i]->stacks.size();
    if (subject.stacks > 0)
      site["call_stacks"] = json_stacks(subject, *ranked[i], by);
    sites.push_back(std::move(site));
  }
  return sites;
}

}  // namespace sagemem::report
