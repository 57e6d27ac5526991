// SPDX-License-Identifier: Apache-2.0
//
// Where the output's file system can not be mapped shared (some FUSE and 9p
// mounts, some parallel file systems), the trace is written to a spool file on
// node-local storage and moved at exit.  Meanwhile, and for good if the process
// is killed, the output is a stub of one line that names the spool:
//
//   SAGEMEM-SPOOL /dev/shm/sagemem-spool.4711.0\n
#pragma once

#include <cstdint>

#include "platform/text_buffer.h"

namespace sagemem {

// The n-th place to try: `directory` (may be nullptr), /dev/shm, /tmp, each
// with several file names.  False: no more.
bool spool_path(const char* directory, std::uint32_t n, PathText& out) noexcept;

// Writes the stub into the (empty) output.
bool write_spool_stub(long output_fd, const PathText& spool) noexcept;

// Copies `bytes` of the spool over the stub at `output`.
bool copy_spool(long spool_fd, std::uint64_t bytes,
                const PathText& output) noexcept;

}  // namespace sagemem
