// SPDX-License-Identifier: Apache-2.0
#include "report/facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace sagemem::report {

std::string clock_text(const model::Profile& profile) {
  switch (static_cast<trace::ClockKind>(profile.header.clock_kind)) {
    case trace::ClockKind::TimeStampCounter:
      return fmt::format("time stamp counter, {:.3f} GHz",
                         profile.ticks_per_ns);
    case trace::ClockKind::MonotonicNs:
      return "clock_gettime(CLOCK_MONOTONIC)";
  }
  return "unknown";
}

std::uint64_t max_resident_bytes(const model::Profile& profile) {
  std::uint64_t most =
      std::max(profile.header.peak_resident_bytes, profile.peak.resident_bytes);
  for (const model::TimePoint& point : profile.timeline)
    most = std::max(most, point.resident_bytes);
  return most;
}

std::string build_id_text(const model::Module& module) {
  std::string text;
  for (const std::uint8_t byte : module.build_id)
    text += fmt::format("{:02x}", byte);
  return text;
}

std::string module_role(const model::Module& module) {
  if (module.is_executable) return "program, ";
  return module.is_recorder ? "recorder, " : "";
}

}  // namespace sagemem::report
