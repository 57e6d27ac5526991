// SPDX-License-Identifier: Apache-2.0
//
// Whether a program can be profiled, said before it runs.
//
//   script ---- #! interpreter ---.   (again, as deep as the kernel goes)
//                                 v
//   ELF file ---- class and machine of libsagemem.so?
//            ---- PT_INTERP there, glibc's, exists?
//            ---- malloc not exported by the program itself?
//   file ------- no set-user-id, set-group-id, capabilities that count?
//
// Hazard: this looks at files, not at what execve(2) will do.  Where it cannot
// see (a program that is executable and not readable), it lets pass.
#pragma once

#include <optional>
#include <string>

#include "run/elf_facts.h"
#include "run/refusal.h"

namespace sagemem::run {

// Nothing when the program at `path` can be profiled with a libsagemem.so of
// which `library` is known.
[[nodiscard]] std::optional<Refusal> inspect_program(const std::string& path,
                                                     const ElfFacts& library);

}  // namespace sagemem::run
