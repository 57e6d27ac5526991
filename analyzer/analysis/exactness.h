// SPDX-License-Identifier: Apache-2.0
//
// Whether the numbers can be trusted, and if not, why: everything that the
// recorder and the replay have counted against them, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/profile.h"

namespace sagemem::analysis {

enum class Weight {
  Loss,     // events are missing: the numbers are lower bounds
  Anomaly,  // the trace is damaged or contradicts itself
  Label,    // nothing is missing, some facts are less sharp
  Remark,   // worth knowing, no harm done
};

// Who has counted it.
enum class Source { Loss, Notice, Replay };

struct Reservation {
  Source source = Source::Notice;
  Weight weight = Weight::Remark;
  const char* key = "";   // of the JSON output
  const char* text = "";  // "allocations before ..."
  std::uint64_t count = 0;
};

// Every reason there is, those with count 0 included, in a fixed order.
[[nodiscard]] std::vector<Reservation> all_reservations(
    const model::Profile& profile);

// Those that happened.
[[nodiscard]] std::vector<Reservation> reservations(
    const model::Profile& profile);

// Why recording ended before the program; "" when it did not.
[[nodiscard]] std::string stop_text(const model::Profile& profile);

}  // namespace sagemem::analysis
