// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace sagemem::report {

// A text as one field of CSV (RFC 4180, 2.5 to 2.7).  What is no text is shown
// as it is elsewhere; what a spreadsheet would take for a formula gets an
// apostrophe in front: names come from files that nobody vouches for.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace sagemem::report
