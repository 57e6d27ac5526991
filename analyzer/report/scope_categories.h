// SPDX-License-Identifier: Apache-2.0
//
// The own peak of one scope by categories.  Only of scopes that the replay was
// told to watch (scopes_to_watch()): empty for others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/subject.h"

namespace sagemem::report {

struct HeldByCategory {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
};

// The largest first; categories that held nothing are left out.
[[nodiscard]] std::vector<HeldByCategory> peak_categories(
    const Subject& subject, model::ScopeId id);

}  // namespace sagemem::report
