// SPDX-License-Identifier: Apache-2.0
//
// Where libsagemem.so is: in the build tree beside us, in the installation
// that we belong to, wherever that was moved, or where it was configured to go.
#pragma once

#include <string>

#include "run/elf_facts.h"

namespace sagemem::run {

struct Library {
  std::string path;  // absolute
  ElfFacts facts;
};

// `wanted`: the user's choice, or empty.  Throws std::runtime_error when there
// is none, or none that LD_PRELOAD can name.
[[nodiscard]] Library find_library(const std::string& wanted);

}  // namespace sagemem::run
