// SPDX-License-Identifier: Apache-2.0
//
// The text form of the leak scan's records; see text.h.
//
//   scan_words 0x1000-0x9000 heap 0x1010=0x2040 0x1018=0x2050
//   scan_thread 41 stopped sp 0x7ff0 tp 0x7f00 0x2040
//   scan_end complete records 2 words 2 bytes 4096 unread 0 ns 9 threads 2
//     missed 0                                             (in the same line)
#pragma once

#include <string>
#include <string_view>

#include "decode/control_record.h"
#include "sagemem/trace/scan.h"

namespace sagemem::decode {

// "unknown" for what a later version may have added.
[[nodiscard]] std::string_view kind_name(trace::RegionKind kind) noexcept;
[[nodiscard]] std::string_view stop_name(trace::ThreadStop stop) noexcept;
[[nodiscard]] std::string_view outcome_name(
    trace::ScanOutcome outcome) noexcept;

[[nodiscard]] std::string print_scan(const ScanWordsRecord& record);
[[nodiscard]] std::string print_scan(const ScanThreadRecord& record);
[[nodiscard]] std::string print_scan(const ScanEndRecord& record);

}  // namespace sagemem::decode
