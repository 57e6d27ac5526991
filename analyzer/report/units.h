// SPDX-License-Identifier: Apache-2.0
//
// Numbers as people read them.  Binary multiples for bytes, one digit behind
// the point where it says something, thousands separated by commas whatever the
// locale: a report is compared with others.
#pragma once

#include <cstdint>
#include <string>

namespace sagemem::report {

[[nodiscard]] std::string format_count(std::uint64_t count);  // 40,664
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);  // 76.2 MiB
// 76.2 MiB (79,901,312 bytes); the parenthesis only where digits were lost.
[[nodiscard]] std::string format_bytes_exactly(std::uint64_t bytes);
[[nodiscard]] std::string format_share(std::uint64_t part,
                                       std::uint64_t whole);  // 55.2 %
[[nodiscard]] std::string format_duration(std::int64_t ns);   // 6.71 s
// 2025-06-01T12:00:00.250Z, ISO 8601 and UTC; "" for 0.
[[nodiscard]] std::string format_wall_time(std::int64_t realtime_ns);
// "1 block", "2 blocks"
[[nodiscard]] std::string format_things(std::uint64_t count,
                                        const char* singular);

}  // namespace sagemem::report
