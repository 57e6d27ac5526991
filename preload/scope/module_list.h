// SPDX-License-Identifier: Apache-2.0
//
// The ELF files of the process, from the loader's own list: in the middle of a
// dlopen they are there before anything else knows of them.
//
// Hazard: under the loader's lock, so only while there is one thread, or in the
// thread that holds it.
#pragma once

#include <cstdint>

namespace sagemem {

struct ModuleFile {
  const char* path;     // to open it
  std::uint64_t bias;   // address = bias + ELF virtual address
  std::uint64_t start;  // covers [start, end)
  std::uint64_t end;
  std::uint64_t header;  // of .eh_frame_hdr; 0: none
  bool is_of_system;     // it lies where distributions put libraries
  bool is_program;
};

using OnModule = void (*)(void* context, const ModuleFile& module) noexcept;
// Not this library.
void visit_modules(OnModule on_module, void* context) noexcept;

}  // namespace sagemem
