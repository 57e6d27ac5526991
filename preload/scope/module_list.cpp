// SPDX-License-Identifier: Apache-2.0
#include "scope/module_list.h"

#include <link.h>

#include <algorithm>
#include <cstring>

namespace sagemem {

namespace {

struct Visit {
  OnModule on_module;
  void* context;
};

bool starts_with(const char* text, const char* start) noexcept {
  return std::strncmp(text, start, std::strlen(start)) == 0;
}

bool is_of_system(const char* path) noexcept {
  return starts_with(path, "/lib/") || starts_with(path, "/lib64/") ||
         starts_with(path, "/usr/lib/") || starts_with(path, "/usr/lib64/");
}

int visit_one(dl_phdr_info* info, std::size_t, void* data) noexcept {
  const auto& visit = *static_cast<Visit*>(data);
  ModuleFile module{
      info->dlpi_name, info->dlpi_addr, ~std::uint64_t{0}, 0, 0, false, false};
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& phdr = info->dlpi_phdr[i];
    const std::uint64_t address = info->dlpi_addr + phdr.p_vaddr;
    if (phdr.p_type == PT_GNU_EH_FRAME) module.header = address;
    if (phdr.p_type != PT_LOAD) continue;
    module.start = std::min(module.start, address);
    module.end = std::max(module.end, address + phdr.p_memsz);
  }
  const auto own = reinterpret_cast<std::uint64_t>(&visit_one);
  if (own >= module.start && own < module.end) return 0;
  if (module.path == nullptr || *module.path == '\0') {
    module.path = "/proc/self/exe";
    module.is_program = true;
  }
  // The kernel's vdso is no file: its name would be one of the program's
  // working directory.
  if (std::strchr(module.path, '/') == nullptr) return 0;
  module.is_of_system = is_of_system(module.path);
  visit.on_module(visit.context, module);
  return 0;
}

}  // namespace

void visit_modules(OnModule on_module, void* context) noexcept {
  Visit visit{on_module, context};
  dl_iterate_phdr(&visit_one, &visit);
}

}  // namespace sagemem
