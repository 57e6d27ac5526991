// SPDX-License-Identifier: Apache-2.0
//
// What the quick way needs of a probe whose calls are seen most: one action at
// a moment, and no more than one value, which is in a register.
//
//   head   08 03 01     tag, rule, how many values: as they are written
//
// Hazard: like a probe, it is read at any time, and filled in before the
// function can be called through it.
#pragma once

#include <cstdint>

#include "scope/probe.h"

namespace sagemem {

struct QuickRecord {
  std::uint32_t head = 0;  // 0: there is no quick way
  std::uint8_t rule = 0;
  std::uint8_t value_at = 0;  // into ProbeFrame
  std::uint8_t shift = 0;     // what of its 64 bits is not the value's
  bool has_value = false;
  bool is_process_wide = false;
};

struct alignas(32) QuickProbe {
  std::uint64_t moved = 0;
  QuickRecord entry;  // a scope's begin, or a label where the end is not seen
  QuickRecord exit;
};

inline constexpr std::uint32_t kMaxProbes = 256;
inline constexpr std::size_t kHeadBytes = 3;
static_assert(RuleTable::kMaxRules < 0x80);  // one byte as a varint

extern QuickProbe g_quick_probes[kMaxProbes];

// Once the actions are sorted and the code is written.
QuickProbe make_quick(const Probe& probe) noexcept;

}  // namespace sagemem
