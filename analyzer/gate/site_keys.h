// SPDX-License-Identifier: Apache-2.0
//
// Names for allocation sites that outlive a build: the function, its file, and
// which one of those in the function it is, in their order in the source.
//
//   sage_per_forest sage_per_forest.c #2
//
// Lines move with every edit above them, addresses with every build.  Where a
// module has no names, all its sites are one: [libmodel.so].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/sites.h"

namespace sagemem::gate {

// By site; two sites may have one key.
[[nodiscard]] std::vector<std::string> site_keys(
    const analysis::SiteTable& table);

[[nodiscard]] bool is_site_key(std::string_view text);

}  // namespace sagemem::gate
