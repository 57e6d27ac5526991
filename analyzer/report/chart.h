// SPDX-License-Identifier: Apache-2.0
//
// Small pictures made of characters: block elements where the terminal shows
// UTF-8, ASCII otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sagemem::report {

// A horizontal bar, part / whole of `columns`; not padded.  Anything above 0
// shows at least a trace.
[[nodiscard]] std::string bar(std::uint64_t part, std::uint64_t whole,
                              std::size_t columns, bool utf8);

// One character for each value, the largest one full.
[[nodiscard]] std::string sparkline(const std::vector<std::uint64_t>& values,
                                    bool utf8);

}  // namespace sagemem::report
