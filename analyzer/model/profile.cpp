// SPDX-License-Identifier: Apache-2.0
#include "model/profile.h"

#include <limits>

namespace sagemem::model {

std::uint64_t Profile::lost_events() const noexcept {
  // Saturating: the counters are claims of the file.
  std::uint64_t sum = writer_losses;
  const auto add = [&sum](std::uint64_t count) {
    if (__builtin_add_overflow(sum, count, &sum)) {
      sum = std::numeric_limits<std::uint64_t>::max();
    }
  };
  for (const std::uint64_t loss : header.losses) add(loss);
  add(late.allocations);
  add(late.releases);
  return sum;
}

// Generated code (unknown_code) may cut stacks short but no number depends on
// it, and releases of blocks that a fork child inherited are to be expected.
bool Profile::exact() const noexcept {
  const bool is_whole =
      anomalies.torn_segments == 0 && anomalies.torn_bytes == 0;
  const bool is_consistent =
      anomalies.unknown_releases == 0 && anomalies.duplicate_blocks == 0;
  return is_whole && is_consistent && lost_events() == 0 && !stopped();
}

const std::string& Profile::info_value(const char* key) const noexcept {
  static const std::string none;
  for (const auto& [name, value] : info) {
    if (name == key) return value;
  }
  return none;
}

}  // namespace sagemem::model
