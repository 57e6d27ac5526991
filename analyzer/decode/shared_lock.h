// SPDX-License-Identifier: Apache-2.0
//
// A trace that is packed behind its program changes under its readers: segments
// are punched out of it once they are packed, and at the end the packed file
// takes its name.  The packer does either only with an exclusive flock(2) of
// the trace; who reads it holds a shared one, for as long as the descriptor is
// open.
#pragma once

#include <filesystem>

namespace sagemem::decode {

// Takes the lock, shared or exclusive, waiting `seconds` at the most.  False:
// somebody else has it, or the file system knows no locks.
bool lock_file(int fd, bool exclusive, int seconds);

// Opens `path` with `flags` and locks it, shared.  A file that lost its name
// while we waited for the lock is opened again.  Without a lock after two
// minutes it is read all the same: at worst segments are reported as torn.
// Returns a descriptor, or -1 with errno.
int open_shared(const std::filesystem::path& path, int flags);

}  // namespace sagemem::decode
