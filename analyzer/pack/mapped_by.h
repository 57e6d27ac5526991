// SPDX-License-Identifier: Apache-2.0
//
// Whether a process has a file mapped, as a program that is being recorded has
// its trace: says more than that a process of this number is alive.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sagemem::pack {

enum class Mapped {
  Yes,
  No,       // nor does such a process exist
  Unknown,  // it may not be asked: another user's, or not dumpable
};

Mapped is_mapped_by(std::int32_t pid, const std::filesystem::path& path);

}  // namespace sagemem::pack
