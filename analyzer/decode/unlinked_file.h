// SPDX-License-Identifier: Apache-2.0
//
// A file without a name, for what does not fit into memory or cannot be read
// twice: gone when its descriptor is closed, however the program ends.
#pragma once

namespace sagemem::decode {

// In $TMPDIR, else in /tmp; a descriptor to read and write.  Throws
// std::system_error, of which the text says where it was tried.
[[nodiscard]] int open_unlinked_file();

}  // namespace sagemem::decode
