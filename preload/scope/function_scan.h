// SPDX-License-Identifier: Apache-2.0
//
// What a function's own code says about it: whether it branches into its first
// bytes, and how many words of its caller's stack it reads.
//
//   sub  $0x18, %rsp         CFA = rsp + 0x20 from here on (.eh_frame)
//   mov  0x28(%rsp), %rax    0x28 - 0x20 = 8: the second stack argument
//
// A switch may lead to them through a table of addresses, which is read from
// the file: what such a function refers to is taken for one as long as what
// stands there are places in it.
//
// Hazard: a function may pass stack arguments on with a jump to another one
// without reading them.  So one that ends in such a jump counts as one that
// reads the usual number.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scope/elf_image.h"

namespace sagemem {

// Words above the return address that a stub can pass on, and those of which
// nobody knows whether they are used.
inline constexpr std::uint32_t kMaxStackWords = 32;
inline constexpr std::uint32_t kGuessedStackWords = 16;

struct FunctionFacts {
  bool is_whole = false;          // every byte was understood
  bool is_entered_again = false;  // a branch leads to [0, displaced)
  bool has_odd_stack = false;     // its stack arguments have no known end
  bool is_guess = false;          // of the number of words
  std::uint32_t stack_words = 0;
};

// `code`: the function's bytes, from the file; `address`: where they run;
// `header`: of its module's .eh_frame_hdr in memory; `entry`: where the
// displaced bytes begin (behind endbr64) and how many they are.
struct ScanInput {
  const ElfImage& image;
  std::uint64_t start;  // of the function, in the image
  const std::uint8_t* code;
  std::size_t bytes;
  std::uint64_t address;
  std::uint64_t header;
  std::size_t entry;
  std::size_t displaced;
};
FunctionFacts scan_function(const ScanInput& input) noexcept;

}  // namespace sagemem
