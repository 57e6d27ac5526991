// SPDX-License-Identifier: Apache-2.0
//
// Where the functions and variables that rules name are in an ELF file, clones
// that the compiler has made of a function included (gcc: ipa-cp, ipa-sra,
// ipa-split, cold parts):
//
//   NAME                    it
//   NAME.constprop.N .isra.N   it, with arguments that may stand elsewhere
//   NAME.part.N             what is left of it where its start was inlined
//   NAME.localalias         another name of it
//   NAME.cold               a piece of it, which is never called
#pragma once

#include <cstdint>

#include "scope/elf_image.h"
#include "scope/rules.h"

namespace sagemem {

struct FoundFunction {
  std::uint64_t address = 0;  // in the ELF image
  std::uint64_t size = 0;
  std::uint64_t next = 0;  // the next symbol's address; what lies between is
                           // padding, if it looks like it
  std::uint64_t previous_end = 0;  // of the function before it; 0: unknown
  const char* name = nullptr;      // in the file
  bool has_own_arguments = false;  // a clone whose arguments are not known
  bool is_part = false;
};

inline constexpr std::uint32_t kMaxClones = 8;

// A name, and what was found for it.
struct SymbolMatch {
  Word name;
  std::uint32_t function_count = 0;
  FoundFunction functions[kMaxClones];
  std::uint64_t object_address = 0;  // 0: no such variable
  std::uint64_t object_bytes = 0;
  std::uint32_t next_same_start = 0;  // of the search
};

// Fills in what `image` has of the names.  One pass over its symbols, some 5 ns
// each.
void find_symbols(const ElfImage& image, SymbolMatch* matches,
                  std::uint32_t count) noexcept;

}  // namespace sagemem
