// SPDX-License-Identifier: Apache-2.0
//
// Disk blocks for a range of a file before anything is written to it through a
// mapping: the difference between ENOSPC here and SIGBUS in the target.
#pragma once

#include <cstdint>

namespace sagemem {

// [from, to) of the file gets blocks and reads as zeros.  Returns 0 or an errno
// value; EFBIG when the process's file size limit is in the way (asked before:
// the kernel would send SIGXFSZ).
int reserve_disk_space(long fd, std::uint64_t from, std::uint64_t to) noexcept;

// Writes zeros where the file has space and nothing else: the kernel then has
// the pages, and has told the file system of all of them at once, which halves
// what it costs to touch them for the first time.  If it fails, they are
// touched one by one.
void warm_up(long fd, std::uint64_t from, std::uint64_t to) noexcept;

}  // namespace sagemem
