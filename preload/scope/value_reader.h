// SPDX-License-Identifier: Apache-2.0
//
// What a rule reads, at the moment of a call.
#pragma once

#include <cstdint>

#include "scope/probe.h"
#include "scope/probe_frame.h"

namespace sagemem {

// kUnknownValue where there is no such value: no symbol, an index outside, a
// pointer to nowhere, or an argument of a clone that may have others.
std::int64_t read_value(const Source& source, const GlobalPlace& place,
                        const ProbeFrame& frame,
                        bool has_own_arguments) noexcept;

}  // namespace sagemem
