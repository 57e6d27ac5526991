// SPDX-License-Identifier: Apache-2.0
#include "model/finish_profile.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sagemem::model {

void add_late_use(Profile& profile) {
  const auto sum = [&profile](trace::Late which) {
    std::uint64_t total = 0;
    for (const auto& shard : profile.header.late) {
      total += shard[static_cast<std::size_t>(which)];
    }
    return total;
  };
  LateUse& late = profile.late;
  late.allocations = sum(trace::Late::Allocations);
  late.bytes_allocated = sum(trace::Late::Bytes);
  late.releases = sum(trace::Late::Releases);
  late.reallocations = sum(trace::Late::Reallocations);
  late.failed = sum(trace::Late::Failed);
  Totals& totals = profile.totals;
  totals.allocations += late.allocations;
  totals.bytes_allocated += late.bytes_allocated;
  totals.releases += late.releases;
  totals.reallocations += late.reallocations;
  totals.failed += late.failed;
}

void add_anomalies(Profile& profile, const decode::TraceFile& file,
                   const decode::DecodeStats& stats) {
  Anomalies& anomalies = profile.anomalies;
  anomalies.torn_segments = stats.torn_segments + file.index().missing;
  anomalies.torn_bytes = stats.torn_bytes;
  for (const decode::Writer& writer : file.writers()) {
    for (const decode::Segment& segment : writer.segments) {
      profile.writer_losses += segment.lost_allocs + segment.lost_releases;
    }
  }
  // Outer frames have the smaller ids: one pass forward tells which stacks pass
  // through unknown code.
  const StackTree& stacks = profile.stacks;
  std::vector<bool> is_unknown(stacks.size());
  for (StackId stack = 1; stack < stacks.size(); ++stack) {
    is_unknown[stack] = is_unknown[stacks.outer(stack)] ||
                        stacks.frame(stack).module == kNoModule;
    if (is_unknown[stack] && profile.uses[stack].allocations != 0) {
      ++anomalies.unknown_code;
    }
  }
}

}  // namespace sagemem::model
