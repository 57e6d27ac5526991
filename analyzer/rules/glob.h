// SPDX-License-Identifier: Apache-2.0
//
// The patterns of profiles: `*` is any text, `?` one character, `\` takes the
// next character as it is.
//
// Not fnmatch(3): brackets mean nothing, because source lines are full of
// them, and no pattern takes longer than its length times that of the text.
#pragma once

#include <string_view>

namespace sagemem::rules {

// Whether the whole text is of this pattern.
[[nodiscard]] bool glob_matches(std::string_view pattern,
                                std::string_view text) noexcept;

}  // namespace sagemem::rules
