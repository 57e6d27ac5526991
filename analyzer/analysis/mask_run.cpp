// SPDX-License-Identifier: Apache-2.0
#include "analysis/mask_run.h"

#include <algorithm>
#include <string_view>

namespace sagemem::analysis {
namespace {

void mask_header(trace::FileHeader& header) {
  const trace::FileHeader whole = header;
  header = {};
  header.version_major = whole.version_major;
  header.version_minor = whole.version_minor;
  header.flags = whole.flags;
  header.page_bytes = whole.page_bytes;
  header.clock_kind = whole.clock_kind;
  header.rank = whole.rank;
  header.end_kind = whole.end_kind;
  header.end_status = whole.end_status;
  header.stop_reason = whole.stop_reason;
  header.stop_errno = whole.stop_errno;
  std::copy(std::begin(whole.losses), std::end(whole.losses),
            std::begin(header.losses));
  std::copy(std::begin(whole.notices), std::end(whole.notices),
            std::begin(header.notices));
}

void mask_scopes(model::ScopeProfile& scopes) {
  for (model::Scope& scope : scopes.scopes) {
    scope.begin_ns = 0;
    scope.end_ns = 0;
    scope.resident_bytes = 0;
    scope.resident_distance_ns = 0;
  }
  for (model::Snapshot& snapshot : scopes.snapshots) snapshot.time_ns = 0;
}

}  // namespace

void mask_run(model::Profile& profile) {
  mask_header(profile.header);
  std::erase_if(profile.info, [](const auto& one) {
    constexpr std::string_view kOfTheRun[] = {
        trace::kInfoHost, trace::kInfoDirectory, trace::kInfoKernel,
        trace::kInfoEnvironment};
    return std::find(std::begin(kOfTheRun), std::end(kOfTheRun), one.first) !=
           std::end(kOfTheRun);
  });
  for (model::Module& module : profile.modules) {
    module.bias = module.start = module.end = 0;
    module.loaded_ns = 0;
    if (module.unloaded_ns > 0) module.unloaded_ns = 0;
  }
  for (model::Thread& thread : profile.threads) thread.tid = 0;
  std::fill(profile.children.begin(), profile.children.end(), 0);
  profile.timeline.clear();
  profile.peak.time_ns = 0;
  // How far it may be off, and how many samples there are, is a matter of when
  // things happened.
  profile.peak.bounds = {profile.peak.bytes, profile.peak.bytes, 0};
  profile.events = profile.totals.allocations + profile.totals.releases;
  profile.peak.resident_bytes = 0;
  profile.peak.resident_time_ns = 0;
  mask_scopes(profile.scopes);
  profile.duration_ns = 0;
  profile.ticks_per_ns = 0;
  profile.file_bytes = 0;
  profile.record_bytes = 0;
}

void mask_run(Breakdown& breakdown) {
  for (model::GroupUse& use : breakdown.over_time) {
    use.most_bytes_ns = 0;
    use.most_blocks_ns = 0;
  }
  for (LimitUse& limit : breakdown.limits) limit.time_ns = 0;
}

}  // namespace sagemem::analysis
