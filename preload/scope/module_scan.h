// SPDX-License-Identifier: Apache-2.0
//
// What the rest of a module does with the places that probes write to: whether
// something branches into them from elsewhere, and which bytes between its
// functions are nobody's.
//
//   f:      ret                     short jump: jmp cave, jmp probe in the cave
//           nop  nop  nop  nop ...  a cave: any five bytes of it
//   g:      ...
//
// Branches of 32 bits are looked for at every byte, for nothing says where
// instructions begin; the few of 8 bits that can reach are found by decoding
// the functions nearby.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scope/elf_image.h"

namespace sagemem {

// [start, end) of the ELF image; what is at `start` may be branched to if it
// is where a function begins.
struct WrittenRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  bool begins_function = false;
  // The function that it is of, whose own branches are known already.
  std::uint64_t function = 0;
  std::uint64_t function_end = 0;
  bool is_branched_into = false;  // the result
};

// One pass over the code around the ranges, some 1 ns a byte.
void find_branches_into(const ElfImage& image, WrittenRange* ranges,
                        std::size_t count) noexcept;

// How many bytes from `code` on fill the space between functions: nops, int3
// or zeros.
std::size_t count_padding(const std::uint8_t* code, std::size_t bytes) noexcept;

}  // namespace sagemem
