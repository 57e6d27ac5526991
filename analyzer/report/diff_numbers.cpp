// SPDX-License-Identifier: Apache-2.0
#include "report/diff_numbers.h"

#include "report/facts.h"

namespace sagemem::report {

std::vector<WholeNumber> whole_numbers(const model::Profile& before,
                                       const model::Profile& after) {
  const auto time = [](const model::Profile& profile) {
    return static_cast<std::uint64_t>(profile.duration_ns);
  };
  return {
      {"peak_bytes", "peak", Unit::Bytes, before.peak.bytes, after.peak.bytes},
      {"peak_blocks", "blocks at the peak", Unit::Count, before.peak.blocks,
       after.peak.blocks},
      {"leaked_bytes", "never released", Unit::Bytes, before.leaked_bytes,
       after.leaked_bytes},
      {"leaked_blocks", "blocks never released", Unit::Count,
       before.leaked_blocks, after.leaked_blocks},
      {"bytes_allocated", "allocated", Unit::Bytes,
       before.totals.bytes_allocated, after.totals.bytes_allocated},
      {"allocations", "allocations", Unit::Count, before.totals.allocations,
       after.totals.allocations},
      {"temporary", "temporary", Unit::Count, before.totals.temporary,
       after.totals.temporary},
      {"max_resident_bytes", "most resident", Unit::Bytes,
       max_resident_bytes(before), max_resident_bytes(after)},
      {"duration_ns", "time", Unit::Time, time(before), time(after)},
  };
}

const char* verdict_word(analysis::Verdict verdict) {
  using analysis::Verdict;
  switch (verdict) {
    case Verdict::Same:
      return "same";
    case Verdict::New:
      return "new";
    case Verdict::Gone:
      return "gone";
    case Verdict::Grown:
      return "grown";
    case Verdict::Shrunk:
      return "shrunk";
  }
  return "";
}

}  // namespace sagemem::report
