// SPDX-License-Identifier: Apache-2.0
//
// Bytes as a gzip file (RFC 1952), without a time or a name in it: the same
// bytes give the same file.
#pragma once

#include <string>
#include <string_view>

namespace sagemem::exports {

// Throws std::bad_alloc.
[[nodiscard]] std::string gzip(std::string_view bytes);

}  // namespace sagemem::exports
