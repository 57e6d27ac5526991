// SPDX-License-Identifier: Apache-2.0
//
// Memory for code of ours that the jumps of one module can reach: within 1 GiB
// of it, so that what moved code refers to can be reached from there as well.
//
// Written first, made executable then: never both.  Below the module, because
// above the executable the heap grows (brk).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sagemem {

// Writable pages near [start, end), or nullptr.
std::uint8_t* take_code_pages(std::uint64_t start, std::uint64_t end,
                              std::size_t bytes) noexcept;
// From now on to be run, and not to be written.  False: the kernel, or a
// sandbox, does not let us.
bool seal_code_pages(std::uint8_t* pages, std::size_t bytes) noexcept;
void give_code_pages(std::uint8_t* pages, std::size_t bytes) noexcept;

// Writes a few bytes over code that is mapped with the PROT_ bits `protection`.
// A thread that runs there sees the old bytes or the new ones where they lie
// within 16 aligned ones; else none may run there, and `is_alone` says so.
enum class PatchResult { Done, Refused, NotAlone };
PatchResult patch_code(std::uint64_t address, const std::uint8_t* bytes,
                       std::size_t count, int protection,
                       bool is_alone) noexcept;

}  // namespace sagemem
