// SPDX-License-Identifier: Apache-2.0
//
// Whether a file is a trace or stands for one: nobody wants it written over.
#pragma once

#include <filesystem>

namespace sagemem::decode {

[[nodiscard]] bool is_trace(const std::filesystem::path& path);

}  // namespace sagemem::decode
