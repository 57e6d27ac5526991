// SPDX-License-Identifier: Apache-2.0
//
// What a rule captures at one moment: integers, in the rule's order.
#pragma once

#include <cstdint>

#include "sagemem/trace/events.h"

namespace sagemem {

struct ScopeValues {
  std::uint32_t count = 0;
  std::int64_t values[trace::kMaxScopeValues];  // the first `count` are set
};

}  // namespace sagemem
