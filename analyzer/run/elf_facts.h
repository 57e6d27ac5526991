// SPDX-License-Identifier: Apache-2.0
//
// What the headers of an ELF file say about preloading into it.
//
// A preloaded library is put into the process by the dynamic loader that
// PT_INTERP names, and its malloc is found before libc's because symbols are
// looked up in load order: executable, preloaded libraries, the rest.  So an
// executable without PT_INTERP never meets it, and one that exports a malloc
// of its own is found first.
#pragma once

#include <optional>
#include <string>

namespace sagemem::run {

struct ElfFacts {
  unsigned char elf_class = 0;  // ELFCLASS32, ELFCLASS64
  unsigned machine = 0;         // EM_X86_64 ...
  bool is_program = false;      // ET_EXEC or ET_DYN
  std::string interpreter;      // PT_INTERP, empty: statically linked
  std::string soname;
  bool exports_malloc = false;
};

// Nothing when `fd` is no ELF file that can be read.
[[nodiscard]] std::optional<ElfFacts> read_elf_facts(int fd);

// "x86-64 (64 bits)", "AArch64 (64 bits)", ... or "machine 243 (64 bits)".
[[nodiscard]] std::string machine_name(const ElfFacts& facts);

}  // namespace sagemem::run
