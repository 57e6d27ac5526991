// SPDX-License-Identifier: Apache-2.0
#include "scope/elf_image.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>

#include "platform/file.h"

namespace sagemem {

namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#else
constexpr std::uint16_t kMachine = EM_AARCH64;
#endif

template <typename T>
T load(const std::uint8_t* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace

Elf64_Sym ElfImage::Symbols::at(std::size_t index) const noexcept {
  return load<Elf64_Sym>(entries + index * sizeof(Elf64_Sym));
}

bool ElfImage::open(const char* path) noexcept {
  const long fd = open_file(path, O_RDONLY);
  if (is_error(fd)) return false;
  // The kernel's own structure is that of libc on both architectures.
  struct stat facts {};
  const long result =
      system_call(SYS_newfstatat, fd, "", &facts, AT_EMPTY_PATH);
  if (result == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
    size_ = static_cast<std::size_t>(facts.st_size);
    const long at =
        system_call(SYS_mmap, nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (!is_error(at)) data_ = reinterpret_cast<const std::uint8_t*>(at);
  }
  close_file(fd);
  if (data_ == nullptr) return false;
  if (!read_headers()) {
    close();
    return false;
  }
  find_symbols();
  return true;
}

void ElfImage::close() noexcept {
  if (data_ != nullptr) system_call(SYS_munmap, data_, size_);
  data_ = nullptr;
  size_ = 0;
  symbols_ = {};
}

bool ElfImage::read_headers() noexcept {
  if (!has(0, sizeof header_)) return false;
  header_ = load<Elf64_Ehdr>(data_);
  return std::memcmp(header_.e_ident, ELFMAG, SELFMAG) == 0 &&
         header_.e_ident[EI_CLASS] == ELFCLASS64 &&
         header_.e_ident[EI_DATA] == ELFDATA2LSB &&
         header_.e_machine == kMachine &&
         header_.e_phentsize == sizeof(Elf64_Phdr) &&
         has(header_.e_phoff,
             std::uint64_t{header_.e_phnum} * sizeof(Elf64_Phdr));
}

void ElfImage::find_symbols() noexcept {
  if (header_.e_shentsize != sizeof(Elf64_Shdr) ||
      !has(header_.e_shoff,
           std::uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr))) {
    return;
  }
  const std::uint8_t* sections = data_ + header_.e_shoff;
  for (unsigned i = 0; i < header_.e_shnum; ++i) {
    const auto table = load<Elf64_Shdr>(sections + i * sizeof(Elf64_Shdr));
    const bool is_whole = table.sh_type == SHT_SYMTAB;
    if ((!is_whole && table.sh_type != SHT_DYNSYM) ||
        table.sh_entsize != sizeof(Elf64_Sym) ||
        table.sh_link >= header_.e_shnum ||
        !has(table.sh_offset, table.sh_size)) {
      continue;
    }
    const auto names =
        load<Elf64_Shdr>(sections + table.sh_link * sizeof(Elf64_Shdr));
    if (names.sh_size == 0 || !has(names.sh_offset, names.sh_size) ||
        data_[names.sh_offset + names.sh_size - 1] != 0) {
      continue;
    }
    symbols_ = {data_ + table.sh_offset, table.sh_size / sizeof(Elf64_Sym),
                reinterpret_cast<const char*>(data_ + names.sh_offset),
                names.sh_size, is_whole};
    if (is_whole) return;
  }
}

Elf64_Phdr ElfImage::segment(unsigned index) const noexcept {
  return load<Elf64_Phdr>(data_ + header_.e_phoff + index * sizeof(Elf64_Phdr));
}

bool ElfImage::find_segment(std::uint64_t address,
                            Elf64_Phdr& out) const noexcept {
  for (unsigned i = 0; i < header_.e_phnum; ++i) {
    out = segment(i);
    if (out.p_type == PT_LOAD && address >= out.p_vaddr &&
        address - out.p_vaddr < out.p_filesz &&
        has(out.p_offset, out.p_filesz)) {
      return true;
    }
  }
  return false;
}

const std::uint8_t* ElfImage::code(std::uint64_t address,
                                   std::size_t bytes) const noexcept {
  Elf64_Phdr found{};
  if (!find_segment(address, found)) return nullptr;
  const std::uint64_t into = address - found.p_vaddr;
  if (bytes > found.p_filesz - into) return nullptr;
  return data_ + found.p_offset + into;
}

std::size_t ElfImage::code_left(std::uint64_t address) const noexcept {
  Elf64_Phdr found{};
  if (!find_segment(address, found) || (found.p_flags & PF_X) == 0) return 0;
  return found.p_filesz - (address - found.p_vaddr);
}

std::uint64_t ElfImage::segment_start(std::uint64_t address) const noexcept {
  Elf64_Phdr found{};
  return find_segment(address, found) ? found.p_vaddr : address;
}

int ElfImage::protection(std::uint64_t address) const noexcept {
  Elf64_Phdr found{};
  if (!find_segment(address, found)) return PROT_NONE;
  return ((found.p_flags & PF_R) != 0 ? PROT_READ : 0) |
         ((found.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
         ((found.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

std::uint64_t ElfImage::first_address() const noexcept {
  std::uint64_t first = ~std::uint64_t{0};
  for (unsigned i = 0; i < header_.e_phnum; ++i) {
    const Elf64_Phdr here = segment(i);
    if (here.p_type == PT_LOAD && here.p_vaddr < first) first = here.p_vaddr;
  }
  return first;
}

}  // namespace sagemem
