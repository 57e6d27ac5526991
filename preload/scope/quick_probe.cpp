// SPDX-License-Identifier: Apache-2.0
#include "scope/quick_probe.h"

#include "scope/probe_frame.h"
#include "scope/probe_table.h"

namespace sagemem {

namespace {

using trace::Kind;

// What the stubs save before they try the quick way: arguments 5 and 6 are not
// among it.
bool place_value(const Source& source, bool has_own_arguments,
                 QuickRecord& out) noexcept {
  static constexpr std::uint8_t kPlaces[] = {
      offsetof(ProbeFrame, rdi), offsetof(ProbeFrame, rsi),
      offsetof(ProbeFrame, rdx), offsetof(ProbeFrame, rcx)};
  const unsigned bytes = source.bytes == 0 ? 8 : source.bytes;
  if (source.is_unsigned && bytes < 8) return false;
  out.shift = static_cast<std::uint8_t>(64 - 8 * bytes);
  out.has_value = true;
  if (source.kind == SourceKind::Return) {
    out.value_at = offsetof(ProbeFrame, rax);
    return true;
  }
  if (source.kind != SourceKind::Argument || has_own_arguments ||
      source.at_end || source.argument >= sizeof kPlaces) {
    return false;
  }
  out.value_at = kPlaces[source.argument];
  return true;
}

QuickRecord make_record(const Probe& probe, const Action& action, Kind kind,
                        const Readings& readings) noexcept {
  QuickRecord record;
  if (readings.count > 1 ||
      (readings.count == 1 &&
       !place_value(readings.sources[0], probe.has_own_arguments, record))) {
    return {};
  }
  record.rule = action.rule;
  record.is_process_wide =
      kind == Kind::ScopeBegin && action.entry->is_process_wide;
  const auto tag = static_cast<std::uint32_t>(kind) |
                   (record.is_process_wide ? trace::kIsProcessWide : 0u);
  record.head = tag | std::uint32_t{action.rule} << 8 | readings.count << 16;
  return record;
}

}  // namespace

QuickProbe make_quick(const Probe& probe) noexcept {
  QuickProbe quick;
  quick.moved = probe.moved;
  const Action& first = probe.actions[0];
  if (!probe.sees_exit) {
    if (probe.action_count == 1 && first.kind == ActionKind::Label) {
      quick.entry =
          make_record(probe, first, Kind::Label, first.entry->at_begin);
      if (!quick.entry.has_value) quick.entry = {};
    }
    return quick;
  }
  const unsigned exits = probe.action_count - probe.entry_count;
  if (probe.entry_count == 1 && first.kind == ActionKind::Begin &&
      !first.entry->is_pair) {
    quick.entry =
        make_record(probe, first, Kind::ScopeBegin, first.entry->at_begin);
  }
  const Action& last = probe.actions[probe.entry_count];
  if (exits == 1 && last.kind == ActionKind::End && !last.entry->is_pair) {
    quick.exit = make_record(probe, last, Kind::ScopeEnd, last.entry->at_end);
  }
  return quick;
}

}  // namespace sagemem
