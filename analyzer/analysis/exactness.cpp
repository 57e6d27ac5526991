// SPDX-License-Identifier: Apache-2.0
#include "analysis/exactness.h"

#include <fmt/format.h>

#include <cstring>

namespace sagemem::analysis {
namespace {

struct Reason {
  Source source;
  Weight weight;
  const char* key;
  const char* text;
};

constexpr Reason kLosses[] = {
    {Source::Loss, Weight::Loss, "reentrant_allocations",
     "allocations made while the recorder worked in the thread"},
    {Source::Loss, Weight::Loss, "reentrant_releases",
     "releases made while the recorder worked in the thread"},
    {Source::Loss, Weight::Loss, "early_allocations",
     "allocations before recording could begin"},
    {Source::Loss, Weight::Loss, "early_releases",
     "releases before recording could begin"},
    {Source::Loss, Weight::Loss, "stopped_allocations",
     "allocations after recording had stopped"},
    {Source::Loss, Weight::Loss, "stopped_releases",
     "releases after recording had stopped"},
    {Source::Loss, Weight::Loss, "no_writer",
     "events of threads that got no space in the trace"},
};
static_assert(std::size(kLosses) == trace::kLossCount);

constexpr Reason kNotices[] = {
    {Source::Notice, Weight::Label, "stack_truncated",
     "stacks deeper than the recorder goes, outermost frames missing"},
    {Source::Notice, Weight::Label, "unwind_failed",
     "stacks that could not be followed beyond the call"},
    {Source::Notice, Weight::Label, "module_table_full",
     "modules more than the recorder keeps, without names"},
    {Source::Notice, Weight::Remark, "clock_not_invariant",
     "time stamps from clock_gettime, as the TSC is not invariant"},
    {Source::Notice, Weight::Label, "clock_step_back",
     "time stamps earlier than the one before, clamped"},
    {Source::Notice, Weight::Remark, "spool_used",
     "trace spooled, as the output could not be mapped shared"},
    {Source::Notice, Weight::Remark, "writer_recycled",
     "threads that took over the segment of an ended one"},
    {Source::Notice, Weight::Remark, "nested_calls",
     "calls that the allocator made to itself, not counted"},
    {Source::Notice, Weight::Remark, "boot_blocks",
     "blocks that the recorder served at the start"},
    {Source::Notice, Weight::Label, "stack_guessed",
     "stacks through code without unwind information, frames may be missing"},
    {Source::Notice, Weight::Remark, "stack_by_libunwind",
     "stacks walked by libunwind, slower but no less exact"},
    {Source::Notice, Weight::Anomaly, "unwind_mismatch",
     "stacks that differ from libunwind's, a defect of the recorder"},
    {Source::Notice, Weight::Remark, "packer_failed",
     "packers that could not be started: the trace stayed as long as it was"},
    {Source::Notice, Weight::Label, "scopes_missed",
     "begins and ends of scopes in the middle of the recorder's work"},
    {Source::Notice, Weight::Label, "scopes_too_deep",
     "scopes deeper in each other than the recorder keeps"},
    {Source::Notice, Weight::Remark, "probes_refused",
     "functions whose calls are not seen, and can not be inferred"},
};
static_assert(std::size(kNotices) == trace::kNoticeCount);

Reservation make(const Reason& reason, std::uint64_t count) {
  return {reason.source, reason.weight, reason.key, reason.text, count};
}

// What was counted in the place of losses once recording had stopped.
std::uint64_t late_count(const model::Profile& profile, std::size_t loss) {
  switch (static_cast<trace::Loss>(loss)) {
    case trace::Loss::StoppedAlloc:
      return profile.late.allocations;
    case trace::Loss::StoppedRelease:
      return profile.late.releases;
    default:
      return 0;
  }
}

}  // namespace

std::vector<Reservation> all_reservations(const model::Profile& profile) {
  std::vector<Reservation> result;
  for (std::size_t i = 0; i < std::size(kLosses); ++i)
    result.push_back(
        make(kLosses[i], profile.header.losses[i] + late_count(profile, i)));
  result.push_back({Source::Loss, Weight::Loss, "writer_losses",
                    "events that threads could not write",
                    profile.writer_losses});
  const model::Anomalies& found = profile.anomalies;
  const Reservation anomalies[] = {
      {Source::Replay, Weight::Anomaly, "unknown_releases",
       "releases of blocks that were not live", found.unknown_releases},
      {Source::Replay, Weight::Anomaly, "duplicate_blocks",
       "blocks born where another one was live", found.duplicate_blocks},
      {Source::Replay, Weight::Anomaly, "torn_segments",
       "segments of the trace that are damaged or missing",
       found.torn_segments},
      {Source::Replay, Weight::Anomaly, "torn_bytes",
       "bytes of the trace that do not decode", found.torn_bytes},
      {Source::Replay, Weight::Label, "unknown_code",
       "stacks through generated code, outer frames may be missing",
       found.unknown_code},
      {Source::Replay, Weight::Remark, "inherited_releases",
       "releases of blocks that the parent process had allocated",
       found.inherited_releases},
  };
  result.insert(result.end(), std::begin(anomalies), std::end(anomalies));
  for (std::size_t i = 0; i < std::size(kNotices); ++i)
    result.push_back(make(kNotices[i], profile.header.notices[i]));
  return result;
}

std::vector<Reservation> reservations(const model::Profile& profile) {
  std::vector<Reservation> result = all_reservations(profile);
  std::erase_if(result, [](const Reservation& r) { return r.count == 0; });
  return result;
}

std::string stop_text(const model::Profile& profile) {
  const char* what = "";
  switch (static_cast<trace::StopReason>(profile.header.stop_reason)) {
    case trace::StopReason::None:
      return "";
    case trace::StopReason::NoSpace:
      what = "the trace could not grow";
      break;
    case trace::StopReason::MapFailed:
      what = "a segment could not be mapped";
      break;
    case trace::StopReason::FileSizeLimit:
      what = "the file size limit (RLIMIT_FSIZE) was reached";
      break;
    case trace::StopReason::SizeLimit:
      what = "the size limit of the trace (SAGEMEM_MAX_BYTES) was reached";
      break;
    default:
      what = "for a reason that this version does not know";
  }
  const int error = profile.header.stop_errno;
  const char* description = error > 0 ? strerrordesc_np(error) : nullptr;
  return description != nullptr ? fmt::format("{}: {}", what, description)
                                : what;
}

}  // namespace sagemem::analysis
