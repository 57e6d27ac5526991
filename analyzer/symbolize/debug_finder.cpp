// SPDX-License-Identifier: Apache-2.0
#include "symbolize/debug_finder.h"

#include <elfutils/libdwelf.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "symbolize/regular_file.h"
#include "symbolize/servers.h"

namespace sagemem::symbolize {
namespace {

constexpr const char* kServers = "DEBUGINFOD_URLS";
constexpr std::chrono::seconds kLong{5};

bool carries(int fd, const BuildId& id) {
  elf_version(EV_CURRENT);
  Elf* elf = elf_begin(fd, ELF_C_READ_MMAP, nullptr);
  if (elf == nullptr) return false;
  const void* bytes = nullptr;
  const ssize_t count = dwelf_elf_gnu_build_id(elf, &bytes);
  const bool is_equal = count > 0 &&
                        static_cast<std::size_t>(count) == id.size() &&
                        std::memcmp(bytes, id.data(), id.size()) == 0;
  elf_end(elf);
  return is_equal;
}

// Of .gnu_debuglink: the CRC-32 of the whole file.
GElf_Word checksum_of(int fd) {
  std::array<unsigned char, 65536> piece;
  uLong sum = crc32(0, nullptr, 0);
  off_t at = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, piece.data(), piece.size(), at);
    if (got <= 0) return static_cast<GElf_Word>(sum);
    sum = crc32(sum, piece.data(), static_cast<uInt>(got));
    at += got;
  }
}

}  // namespace

void limit_servers() {
  // debuginfod-find(1): seconds until the first bytes, and in all.
  ::setenv("DEBUGINFOD_TIMEOUT", "10", 0);
  ::setenv("DEBUGINFOD_MAXTIME", "60", 0);
}

const Dwfl_Callbacks& ModuleSymbols::Finder::callbacks() {
  static const Dwfl_Callbacks table = {
      .find_elf = dwfl_build_id_find_elf,
      .find_debuginfo = &Finder::find,
      .section_address = dwfl_offline_section_address,
      .debuginfo_path = nullptr,
  };
  return table;
}

void ModuleSymbols::Finder::serve(Dwfl_Module* module) {
  void** userdata = nullptr;
  dwfl_module_info(module, &userdata, nullptr, nullptr, nullptr, nullptr,
                   nullptr, nullptr);
  *userdata = this;
}

int ModuleSymbols::Finder::find(Dwfl_Module* module, void** userdata,
                                const char* name, Dwarf_Addr base,
                                const char* file, const char* link,
                                GElf_Word checksum, char** found) {
  const auto* self = static_cast<const Finder*>(*userdata);
  if (self != nullptr) {
    const int fd = self->find_in_places(link, checksum, found);
    if (fd >= 0) return fd;
  }
  const auto start = std::chrono::steady_clock::now();
  const int fd = dwfl_standard_find_debuginfo(module, userdata, name, base,
                                              file, link, checksum, found);
  if (fd < 0 && std::chrono::steady_clock::now() - start > kLong)
    ::unsetenv(kServers);
  return fd;
}

int ModuleSymbols::Finder::find_in_places(const char* link, GElf_Word checksum,
                                          char** found) const {
  const bool has_link = link != nullptr && *link != '\0';
  const auto names = search_.debug_files_of(path_, has_link ? link : "", id_);
  for (const std::string& name : names) {
    FileDescriptor file = open_regular_file(name);
    if (!file.is_open() || !is_right(file.get(), has_link, checksum)) continue;
    *found = ::strdup(name.c_str());
    return file.release();
  }
  return -1;
}

bool ModuleSymbols::Finder::is_right(int fd, bool has_checksum,
                                     GElf_Word checksum) const {
  if (!id_.empty()) return carries(fd, id_);
  return has_checksum && checksum_of(fd) == checksum;
}

}  // namespace sagemem::symbolize
